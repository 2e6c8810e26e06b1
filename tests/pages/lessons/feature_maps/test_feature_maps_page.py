"""The Feature maps page, opened cold: layers, maps, the origin of a number, and models without maps."""

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
from cnn.model.predict import predictor, to_model_input
from cnn.training.config import TrainConfig
from pages.components.number_origin import _window_data
from pages.lessons.feature_maps.number_origin import describe_origin
from pages.shell.text import percent
from tests.pages.on_screen import component_keys, mentions, pictures
from tests.pages.opening import notices, open_page, texts


def shows_maps_of(at: AppTest, count: int, layer: str) -> bool:
    """Whether the page shows this layer, with as many maps."""
    titled = any({str(count), layer} <= set(header.split()) for header in at.header.values)
    return titled and f"maps.tiles.{layer}" in component_keys(at)


def test_it_opens_on_the_maps_of_a_test_image(digits) -> None:
    at = open_page("feature_maps.py", picture="test-1")
    probabilities = predictor(store.load("digits-tutorial"))(catalog.load("digits", "test").take([0]))[0]
    assert mentions(at, probabilities.argmax(), percent(float(probabilities.max())))
    assert shows_maps_of(at, 32, "conv_1")
    assert at.selectbox(key="maps.begin").value == "map"
    assert "maps.origin" in component_keys(at)
    assert mentions(at, 360, "test images")


@pytest.mark.parametrize("id", ["cifar10-tutorial", "cifar10-resnet"])
def test_without_the_data_set_a_sample_photo_is_shown(id: str) -> None:
    at = open_page("feature_maps.py", model=id)
    assert at.session_state["shell.picture_name"] == "photo-cat"
    at.selectbox(key="maps.begin").set_value("answer").run()
    card, name = store.card(id), "cat"
    image = fit_to(load_photo(name), card.input_shape)
    model = store.load(id)
    logits = layer_outputs(model, ["logits"])(image[None])["logits"][0]
    best = int(logits.argmax())
    assert mentions(at, card.class_names[best], percent(float(np.exp(logits[best]) / np.exp(logits).sum())))
    assert f"**score of {card.class_names[best]}**: {logits[best]:.4g}" in texts(at)
    origin = number_origin(model, layer_outputs(model)(image[None]), "logits", (best,))
    assert describe_origin(origin) in texts(at)


def test_the_lab_level_shows_every_layer_with_maps(digits) -> None:
    at = open_page("feature_maps.py", model="cifar10-resnet", level="lab")
    assert not at.exception
    assert shows_maps_of(at, 48, "conv_1")


def test_the_address_names_the_layer(digits) -> None:
    at = open_page("feature_maps.py", picture="test-1", **{"maps.layer": "conv_2"})
    assert shows_maps_of(at, 64, "conv_2")
    assert at.query_params["maps.layer"] == "conv_2"
    at = open_page("feature_maps.py", picture="test-1", **{"maps.layer": "conv_9"})
    assert shows_maps_of(at, 32, "conv_1")
    assert "conv_9" in notices(at)[0]
    assert "maps.layer" not in at.query_params


def test_without_maps_the_path_starts_at_the_prediction(digits) -> None:
    at = open_page("models.py")
    config = TrainConfig("digits", Architecture("own", (Flatten(), Dense(8))), epochs=1, training_images=64)
    id = queue.submit("train", config.to_dict(), workspace=at.session_state["shell.workspace"], name="Flat")
    run_job(str(home()), id)
    at = open_page("feature_maps.py", picture="test-1", model=id)
    assert not any(key.startswith("maps.tiles.") for key in component_keys(at))
    assert at.session_state["maps.chain"][0][0] == "logits"
    assert mentions(at, "8 products")


def follow(at: AppTest, path: list) -> None:
    """Go along a path of numbers as if each step had been clicked."""
    at.session_state["maps.chain"] = path
    at.run()


def test_the_path_ends_at_a_pixel_and_every_step_leads_back(digits) -> None:
    at = open_page("feature_maps.py", picture="test-1")
    image = catalog.load("digits", "test").image(0)
    start = at.session_state["maps.chain"][0]
    follow(at, [start, ("rescaling", (4, 5, 0)), ("image", (4, 5, 0))])
    assert mentions(at, "image", "grey", "row 5", "column 6", image[4, 5, 0])
    assert "maps.origin" not in component_keys(at)
    at.button(key="maps.back.1").click().run()
    assert at.session_state["maps.chain"] == [start, ("rescaling", (4, 5, 0))]
    assert re.search(r"× 0\.003922 \+ 0 = ", texts(at))
    assert not at.exception


def test_selecting_another_map_starts_a_new_path(digits) -> None:
    at = open_page("feature_maps.py", picture="test-1")
    start = at.session_state["maps.chain"][0]
    follow(at, [start, ("rescaling", (4, 5, 0))])
    at.session_state[f"maps.map.{start[0]}"] = 7
    at.run()
    ((layer, position),) = at.session_state["maps.chain"]
    assert (layer, position[2]) == ("conv_1", 7)
    image = catalog.load("digits", "test").take([0])
    maps = layer_outputs(store.load("digits-tutorial"), ["conv_1"])(image)["conv_1"][0]
    assert position[:2] == tuple(np.unravel_index(maps[..., 7].argmax(), maps.shape[:2]))


def test_its_code_gives_the_same_maps(tmp_path, monkeypatch: pytest.MonkeyPatch, digits) -> None:
    at = open_page("feature_maps.py", picture="test-1")
    model, image = store.load("digits-tutorial"), catalog.load("digits", "test").take([0])
    model.save(tmp_path / "model.keras")
    Image.fromarray(image[0, ..., 0]).save(tmp_path / "photo.jpg", "PNG")
    monkeypatch.chdir(tmp_path)
    variables: dict = {}
    exec(str(at.get("code")[0].value), variables)
    outputs = layer_outputs(model)(image)
    assert set(variables["outputs"]) == set(outputs)
    for name, values in variables["outputs"].items():
        np.testing.assert_allclose(values, outputs[name], atol=1e-5)


def test_the_path_through_one_model_is_dropped_with_another(digits) -> None:
    at = open_page("feature_maps.py", model="cifar10-resnet", **{"maps.begin": "answer"})
    (start,) = at.session_state["maps.chain"]
    at.selectbox(key="shell.model").set_value("cifar10-tutorial").run()
    # A path that starts like the residual network's, and goes on through a layer that it lacks.
    at.session_state["maps.chain"] = [start, ("dense_1", (5,))]
    at.selectbox(key="shell.model").set_value("cifar10-resnet").run()
    assert not at.exception
    assert at.session_state["maps.chain"] == [start]


@pytest.mark.parametrize("file", ["feature_maps.py", "explanations.py"])
def test_a_model_of_shuffled_pixels_gets_shuffled_images(file: str, digits) -> None:
    at = open_page("models.py")
    config = TrainConfig("digits", "tutorial", epochs=1, training_images=64, shuffled_pixels=True, seed=4)
    id = queue.submit("train", config.to_dict(), workspace=at.session_state["shell.workspace"], name="Shuffled")
    run_job(str(home()), id)
    card, image = store.card(id), catalog.load("digits", "test").take([0])
    shuffled = to_model_input(card, image)
    assert not np.array_equal(shuffled, image)
    logits = layer_outputs(store.load(id), ["logits"])(shuffled)["logits"][0]
    np.testing.assert_allclose(
        predictor(store.load(id), card.pixel_seed)(image)[0], np.exp(logits) / np.exp(logits).sum(), atol=1e-5
    )
    at = open_page(file, model=id, picture="test-1", **{"maps.begin": "answer"})
    assert not at.exception
    if file == "feature_maps.py":
        best = int(logits.argmax())
        assert f"**score of {best}**: {logits[best]:.4g}".replace("-", "−") in texts(at)


def test_mobilenet_is_shown_block_by_block_and_its_numbers_are_followed(cnn_home) -> None:
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
    name = next(iter(PHOTOS))
    at = open_page("feature_maps.py", picture=f"photo-{name}", model=folder.name, level="lab")
    assert shows_maps_of(at, 16, "Conv1")
    assert len(at.selectbox(key="maps.block").options) == 19
    at.selectbox(key="maps.block").set_value("block_5").run()
    assert not at.exception
    assert shows_maps_of(at, 96, "block_5_expand")
    outputs = layer_outputs(network)(fit_to(load_photo(name), (64, 64, 3))[None])
    layer, position = at.session_state["maps.chain"][0]
    assert layer == "block_5_expand"
    origin = number_origin(network, outputs, layer, position)
    assert describe_origin(origin) in texts(at)
    assert origin.result == pytest.approx(float(outputs[layer][(0, *position)]), abs=1e-4)
    at = open_page("feature_maps.py", model=folder.name, level="lab", **{"maps.layer": layer})
    assert at.selectbox(key="maps.block").value == "block_5"
    assert shows_maps_of(at, 96, layer)


def test_a_map_lies_over_the_picture_where_it_was_computed(digits) -> None:
    """The 30 x 30 numbers of conv_1 are the pixels but for a margin of one."""
    at = open_page("feature_maps.py", picture="test-1")
    shown = pictures(at)
    (over,) = [picture for alt, picture in shown.items() if alt.endswith("over the picture")]
    image = catalog.load("digits", "test").image(0).repeat(3, axis=2)
    small = over[4::8, 4::8].astype(int)
    changed = (np.abs(small - image) > 0).any(axis=2)
    assert over.shape == (256, 256, 3)
    assert changed[1:-1, 1:-1].mean() > 0.9
    changed[1:-1, 1:-1] = False
    assert not changed.any()


def test_it_says_what_zero_is_in_the_layer_that_is_shown(digits) -> None:
    at = open_page("feature_maps.py", picture="test-1")
    assert mentions(at, "In conv_1 dark is 0")
    assert "no ReLU" not in texts(at)
    at = open_page("feature_maps.py", model="cifar10-resnet", level="lab")  # there ReLU is a layer of its own
    assert shows_maps_of(at, 48, "conv_1")
    assert mentions(at, "In conv_1 no ReLU", "white is 0")
    assert "Dark" not in texts(at)
    at.selectbox(key="maps.scale").set_value("map").run()
    assert mentions(at, "White is 0", "each map's own")


def test_pooling_is_not_called_a_sum() -> None:
    inputs = keras.Input((4, 4, 1), dtype="uint8")
    pooled = keras.layers.MaxPooling2D(2, name="pool")(keras.layers.Rescaling(1.0)(inputs))
    model = keras.Model(inputs, pooled)
    outputs = layer_outputs(model)(np.arange(16, dtype=np.uint8).reshape(1, 4, 4, 1))
    origin = number_origin(model, outputs, "pool", (0, 1, 0))
    assert describe_origin(origin).startswith("The largest of the 4 numbers under the window is 7.")
    (channel,) = _window_data(origin, ["map 1"])["channels"]
    assert channel["number"] == 7  # and not 2 + 3 + 6 + 7
