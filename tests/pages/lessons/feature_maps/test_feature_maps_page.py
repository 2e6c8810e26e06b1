"""Feature maps, opened cold: every layer, a map, a number and where it comes from; and what is not possible."""

import json
import re

import keras
import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.activations.number_origin import number_origin
from cnn.data import catalog
from cnn.data.builtin.sample_photos import PHOTOS, load_photo
from cnn.data.images import fit_to
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.architectures import Architecture, Dense, Flatten
from cnn.model.predict import as_layers_get_it, predictor
from cnn.training.config import TrainConfig
from pages.lessons.feature_maps.number_origin import describe_origin
from tests.pages.opening import open_page, texts


def test_it_opens_on_the_maps_of_a_real_image(digits) -> None:
    at = open_page("feature_maps.py")
    assert "It says:" in texts(at)
    assert [header.value for header in at.header][:2] == ["The 32 maps of conv_1", "Where does this number come from?"]
    assert "What excites it most** among the first 360 test images" in texts(at)


@pytest.mark.parametrize("id", ["cifar10-tutorial", "cifar10-resnet"])
def test_without_its_data_set_a_photo_of_ours_is_looked_at(id: str) -> None:
    at = open_page("feature_maps.py", model=id)
    assert at.segmented_control(key="maps.source").value == "A photo of ours"
    assert "It says:" in texts(at)
    at.selectbox(key="maps.begin").set_value("answer").run()
    card, name = store.card(id), next(iter(PHOTOS))
    image = fit_to(load_photo(name), card.input_shape)
    model = store.load(id)
    logits = layer_outputs(model, ["logits"])(image[None])["logits"][0]
    best = int(logits.argmax())
    assert f"**score of {card.class_names[best]}**: {logits[best]:.4g}" in texts(at)
    found = number_origin(model, layer_outputs(model)(image[None]), "logits", (best,))
    assert describe_origin(found) in texts(at)


def test_in_the_lab_every_layer_with_maps_is_there(digits) -> None:
    at = open_page("feature_maps.py", model="cifar10-resnet", level="lab")
    assert not at.exception
    assert "The 48 maps of conv_1" in [header.value for header in at.header]


def test_a_network_without_maps_is_followed_from_its_answer(digits) -> None:
    at = open_page("models.py")
    config = TrainConfig("digits", Architecture("own", (Flatten(), Dense(8))), epochs=1, training_images=64)
    id = queue.submit("train", config.to_dict(), workspace=at.session_state["shell.workspace"], name="Flat")
    run_job(str(home()), id)
    at = open_page("feature_maps.py", model=id)
    assert "This network has no convolution" in texts(at)
    assert "8 products add up to" in texts(at)


def follow(at: AppTest, chain: list) -> str:
    at.session_state["maps.chain"] = chain
    return texts(at.run())


def test_a_pixel_is_where_the_way_ends_and_every_step_leads_back(digits) -> None:
    at = open_page("feature_maps.py")
    image = catalog.load("digits", "test").image(0)
    start = at.session_state["maps.chain"][0]
    said = follow(at, [start, ("rescaling", (4, 5, 0)), ("image", (4, 5, 0))])
    assert f"**image, grey, row 5, column 6**: {image[4, 5, 0]}" in said
    assert "here the way ends" in said
    at.button(key="maps.back.1").click().run()
    assert at.session_state["maps.chain"] == [start, ("rescaling", (4, 5, 0))]
    assert re.search(r"× 0\.003922 \+ 0 = ", texts(at))
    assert not at.exception


def test_another_map_begins_the_way_anew(digits) -> None:
    at = open_page("feature_maps.py")
    start = at.session_state["maps.chain"][0]
    follow(at, [start, ("rescaling", (4, 5, 0))])
    at.session_state[f"maps.map.{start[0]}"] = 7
    at.run()
    ((layer, place),) = at.session_state["maps.chain"]
    assert (layer, place[2]) == ("conv_1", 7)
    maps = layer_outputs(store.load("digits-tutorial"), ["conv_1"])(catalog.load("digits", "test").take([0]))["conv_1"][
        0
    ]
    assert place[:2] == tuple(np.unravel_index(maps[..., 7].argmax(), maps.shape[:2]))


def test_the_code_gives_the_same_maps(tmp_path, monkeypatch: pytest.MonkeyPatch, digits) -> None:
    at = open_page("feature_maps.py")
    model, image = store.load("digits-tutorial"), catalog.load("digits", "test").take([0])
    model.save(tmp_path / "model.keras")
    Image.fromarray(image[0, ..., 0]).save(tmp_path / "photo.png")
    monkeypatch.chdir(tmp_path)
    made: dict = {}
    exec(str(at.get("code")[0].value), made)
    theirs, ours = made["probe"](made["image"]), layer_outputs(model)(image)
    assert set(theirs) == {name for name, numbers in ours.items() if numbers.ndim == 4}
    for name, maps in theirs.items():
        np.testing.assert_allclose(maps, ours[name], atol=1e-5)


def test_a_way_through_one_network_is_forgotten_with_another(digits) -> None:
    at = open_page("feature_maps.py", model="cifar10-resnet", **{"maps.begin": "answer"})
    (start,) = at.session_state["maps.chain"]
    at.selectbox(key="shell.model").set_value("cifar10-tutorial").run()
    # A way that begins as the residual network's does, and goes on through a layer that it has not.
    at.session_state["maps.chain"] = [start, ("dense_1", (5,))]
    at.selectbox(key="shell.model").set_value("cifar10-resnet").run()
    assert not at.exception
    assert at.session_state["maps.chain"] == [start]


@pytest.mark.parametrize("file", ["feature_maps.py", "explanations.py"])
def test_a_network_of_shuffled_pixels_is_looked_at_with_what_it_gets(file: str, digits) -> None:
    at = open_page("models.py")
    config = TrainConfig("digits", "tutorial", epochs=1, training_images=64, shuffled_pixels=True, seed=4)
    id = queue.submit("train", config.to_dict(), workspace=at.session_state["shell.workspace"], name="Shuffled")
    run_job(str(home()), id)
    card, image = store.card(id), catalog.load("digits", "test").take([0])
    given = as_layers_get_it(card, image)
    assert not np.array_equal(given, image)
    logits = layer_outputs(store.load(id), ["logits"])(given)["logits"][0]
    np.testing.assert_allclose(
        predictor(store.load(id), card.pixel_seed)(image)[0], np.exp(logits) / np.exp(logits).sum(), atol=1e-5
    )
    at = open_page(file, model=id, **{"maps.begin": "answer"})
    assert not at.exception
    if file == "feature_maps.py":
        best = int(logits.argmax())
        assert f"**score of {best}**: {logits[best]:.4g}".replace("-", "−") in texts(at)


def test_mobilenet_is_chosen_from_block_by_block_and_its_numbers_are_followed(cnn_home) -> None:
    inputs = keras.Input((64, 64, 3), dtype="uint8")
    pixels = keras.layers.Rescaling(1 / 127.5, -1)(inputs)
    base = keras.applications.MobileNetV2(input_tensor=pixels, alpha=0.35, include_top=False, weights=None)
    pooled = keras.layers.GlobalAveragePooling2D()(base.output)
    network = keras.Model(inputs, keras.layers.Dense(10, name="logits")(pooled))
    folder = cnn_home / "runs" / "mobile-000000000000000"
    folder.mkdir(parents=True)
    network.save(folder / "model.keras")
    card = json.loads((store.PRETRAINED / "cifar10-tutorial" / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | {"input_shape": [64, 64, 3]}))
    (folder / "config.json").write_text(json.dumps({"name": "Mobile", "workspace": "somebody"}))
    at = open_page("feature_maps.py", model=folder.name, level="lab")
    assert "The 16 maps of Conv1" in [header.value for header in at.header]
    assert len(at.selectbox(key="maps.block").options) == 19
    at.selectbox(key="maps.block").set_value("block_5").run()
    assert not at.exception
    assert "The 96 maps of block_5_expand" in [header.value for header in at.header]
    name = next(iter(PHOTOS))
    numbers = layer_outputs(network)(fit_to(load_photo(name), (64, 64, 3))[None])
    layer, place = at.session_state["maps.chain"][0]
    assert layer == "block_5_expand"
    found = number_origin(network, numbers, layer, place)
    assert describe_origin(found) in texts(at)
    assert found.result == pytest.approx(float(numbers[layer][(0, *place)]), abs=1e-4)
