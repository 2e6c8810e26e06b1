"""Every page with a model on a pretrained base: MobileNetV2 on photos, and the built-in base on digits."""

import re
from pathlib import Path

import numpy as np
import pytest

from cnn.analysis import epoch_history, studies
from cnn.analysis.activations.feature_maps import last_volume
from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.activations.number_origin import number_origin
from cnn.data import catalog
from cnn.model import store
from cnn.model.predict import predictor
from cnn.pretrained.transfer_results import WEIGHTS_HERE_NOTE
from pages.lessons.feature_maps.number_origin import describe_origin
from pages.shell.text import literal
from tests.pages.opening import open_page, texts
from tests.transfer_models import built_in_head, mobilenet_head

MODELS = ("built-in", "mobilenet_v2")
ERRORS = ("This network takes", "Something went wrong", "These are not settings", "Resize them", "is damaged")
VOLUMES = {
    "built-in": ("(4, 4, 144)", "(32, 4, 4, 144)", 144),
    "mobilenet_v2": ("(5, 5, 1280)", "(32, 5, 5, 1280)", 1280),
}


@pytest.fixture(scope="module")
def homes(
    laid_out_digits: Path, prepared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Path, str]]:
    """{base: (``CNN_HOME``, id of its run there)}."""
    digits, photos = tmp_path_factory.mktemp("digits"), tmp_path_factory.mktemp("photos")
    return {
        "built-in": (digits, built_in_head(digits, laid_out_digits)),
        "mobilenet_v2": (photos, mobilenet_head(photos, prepared_data)),
    }


@pytest.fixture(params=MODELS)
def base(request) -> str:
    return str(request.param)


@pytest.fixture
def card(cnn_home, homes, base: str, monkeypatch: pytest.MonkeyPatch) -> store.Card:
    home, id = homes[base]
    monkeypatch.setenv("CNN_HOME", str(home))
    return store.card(id)


def open_with(file: str, card: store.Card, **query: str):
    at = open_page(file, model=card.id, picture="test-1", **query)
    text = texts(at)
    assert not [sentence for sentence in ERRORS if sentence in text]
    assert at.session_state["shell.model"] == card.id
    return at


def open_with_any(file: str, card: store.Card):
    """Open a page that need not name the model, on what the model has most to do with."""
    query = {"transfer_learning.py": {"run": card.id, "transfer.view": "train"}}.get(file, {})
    at = open_page(file, model=card.id, **query)
    assert not [sentence for sentence in ERRORS if sentence in texts(at)]
    return at


def html(at) -> str:
    return "".join(element.proto.body for element in at.get("html"))


def first_image(card: store.Card) -> np.ndarray:
    return catalog.load(card.dataset, "test").fitted([0], card.input_shape)


def test_predict_shows_the_networks_input(card) -> None:
    at = open_with("predict.py", card)
    height, width, _ = card.input_shape
    assert f"{height} x {width} pixels, red, green and blue" in html(at)
    answer = predictor(store.load(card.id))(first_image(card))[0]
    assert f"It says: {card.class_names[int(answer.argmax())]}, " in texts(at)


@pytest.mark.parametrize("level", ["class", "lab"])
def test_feature_maps_show_every_layer_and_its_top_images(card, base: str, level: str) -> None:
    at = open_with("feature_maps.py", card, level=level)
    count = len(catalog.load(card.dataset, "test"))
    assert f"**Images that activate it most**, of the first {count} test images" in texts(at)
    if base == "mobilenet_v2":
        assert len(at.selectbox(key="maps.block").options) == 19
        at.selectbox(key="maps.block").set_value("block_7").run()
        assert not at.exception
        assert "The 384 maps of block_7_expand" in [header.value for header in at.header]


def test_the_base_is_one_click_away_and_its_batch_axis_is_named(card, base: str) -> None:
    at = open_with("feature_maps.py", card)
    at.segmented_control(key="maps.part").set_value("base").run()
    assert not at.exception
    volume, batch, channels = VOLUMES[base]
    text = texts(at)
    assert f"the array {volume}" in text
    assert f"the array is {batch}: the first number is the batch axis, not filters" in text
    assert f"{channels:,} numbers" in text
    layer = last_volume(store.load(card.id))
    assert f"The {channels} maps of {layer}" in [header.value for header in at.header]
    assert at.query_params["maps.part"] in ("base", ["base"])
    outputs = layer_outputs(store.load(card.id))(first_image(card))
    assert outputs[layer].shape[1:] == tuple(map(int, volume.strip("()").split(",")))
    ((first_layer, position),) = at.session_state["maps.chain"]
    assert first_layer == layer
    assert describe_origin(number_origin(store.load(card.id), outputs, layer, position)) in texts(at)


def test_the_answer_is_followed_down_to_the_pooled_maps(card, base: str) -> None:
    at = open_with("feature_maps.py", card, **{"maps.begin": "answer"})
    model = store.load(card.id)
    outputs = layer_outputs(model)(first_image(card))
    (start,) = at.session_state["maps.chain"]
    if base == "mobilenet_v2":
        assert start == ("logits", (0,))
        assert f"**score of {card.class_names[1]}, below zero for {card.class_names[0]}**: " in texts(at)
    else:
        assert start == ("logits", (int(outputs["logits"][0].argmax()),))
    chain = [start, ("global_pool", (3,))]
    at.session_state["maps.chain"] = chain
    at.run()
    assert not at.exception
    assert describe_origin(number_origin(model, outputs, "global_pool", (3,))) in texts(at)


@pytest.mark.parametrize("view", ["hide", "heat"])
def test_explanations_cover_every_class(card, view: str) -> None:
    at = open_with("explanations.py", card, level="lab", **{"explain.view": view})
    subject = "confidence in" if view == "hide" else "evidence for"
    for name in card.class_names[:2]:
        at.selectbox(key="explain.class").set_value(name).run()
        assert not at.exception
        assert f"{subject} {name}" in html(at)


def test_evaluation_answers_every_question(card) -> None:
    at = open_with("evaluation.py", card, level="lab")
    for view in (
        "confusion",
        "mistakes",
        "sure",
        "guess",
        "classes",
        "doubt",
        "labels",
        "map",
        "robustness",
        "compare",
    ):
        at.segmented_control(key="evaluation.view").set_value(view).run()
        assert not at.exception
        assert not [sentence for sentence in ERRORS if sentence in texts(at)], view


def test_the_time_machine_plays_its_epochs(card, monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.lessons.time_machine import replay

    sent: list = []
    monkeypatch.setattr(
        replay, "epoch_player", lambda fingerprint, epochs, runs, chosen, **more: sent.append((epochs, runs[0]))
    )
    monkeypatch.setattr(replay, "MAX_BILLIONS", 0.1)
    at = open_with("time_machine.py", card)
    assert "This one began with a base that had learned before" in texts(at)
    epochs, run = sent[-1]
    assert epochs == [0, 2]
    answer = predictor(store.load(card.id))(first_image(card))[0]
    assert run["evidence"] == card.class_names[int(answer.argmax())]
    assert dict(run["moments"][1]["answer"])[run["evidence"]] == pytest.approx(float(answer.max()), abs=1e-3)
    assert run["moments"][0]["filters"] == run["moments"][1]["filters"]
    assert run["moments"][0]["table"] is None
    assert at.button(key="time.study.history").label == f"Also show what {literal(card.title)} took for what"
    monkeypatch.setattr(
        studies, "result", lambda *arguments: epoch_history.study(card, {}, lambda event: None, lambda: False)
    )
    at.run()
    assert not at.exception
    run = sent[-1][1]
    table = np.array(run["moments"][1]["table"])
    assert int(np.trace(table)) == pytest.approx(card.validation[0], abs=1)
    assert table.sum() == card.validation[1]


def test_augmentation_asks_it_about_the_variants(card) -> None:
    at = open_page("augmentation.py", model=card.id)
    assert not [sentence for sentence in ERRORS if sentence in texts(at)]
    assert re.search(r"still recognises \*\*\d+ of 24\*\*", texts(at))


@pytest.mark.parametrize(
    "page",
    [
        *("predict", "feature_maps", "explanations", "evaluation", "time_machine", "models", "augmentation"),
        *("teach_your_own", "transfer_learning"),
    ],
)
def test_pages_with_numbers_of_mobilenet_say_that_it_was_tuned_on_dogs(
    card, base: str, page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if base == "built-in":
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))  # Teach your own takes the best base at hand
    at = open_with_any(f"{page}.py", card)
    assert (WEIGHTS_HERE_NOTE in texts(at)) == (base == "mobilenet_v2"), texts(at)


def test_models_shows_its_layers_and_mistakes(card) -> None:
    at = open_with("models.py", card, view="layers")
    assert "filters of its first layer**, learned from images" in texts(at)
    assert "validation images are wrong" in texts(open_with("models.py", card, view="mistakes"))
