"""The Convolution page: its opening view, learned filters, impossible settings, and the code it generates."""

import base64
import io
import json
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnn.analysis.convolution.first_layer import first_convolution
from cnn.analysis.convolution.kernels import KERNELS, kernel, most_similar_kernel
from cnn.analysis.convolution.window import Window, convolve, output_side
from cnn.data.builtin.sample_photos import load_photo
from cnn.data.images import fit_to
from cnn.errors import ConfigError
from cnn.figures.feature_maps import weight_grid
from cnn.model import store
from pages.components.data_uri import PNG_PREFIX
from pages.lessons.convolution.kernel_maker import describe_training
from tests.pages.on_screen import component_keys, linked_pages, mentions
from tests.pages.opening import notices, open_page, texts

KERNEL, TILES = "convolution.kernel", "convolution.kernels"


def row(at: AppTest) -> dict[str, Any]:
    """What the row of kernels is given: its tiles and which one is marked."""
    (component,) = [found for found in at.get("bidi_component") if found.key == TILES]
    return dict(json.loads(component.proto.json or component.proto.mixed.json))


def pictures(at: AppTest) -> dict[str, np.ndarray]:
    """The kernels' pictures, uint8 (h, w, 3), by their names in the address."""
    files = {tile["id"]: base64.b64decode(tile["source"].removeprefix(PNG_PREFIX)) for tile in row(at)["tiles"]}
    return {name: np.asarray(Image.open(io.BytesIO(file))) for name, file in files.items()}


def test_opens_on_sobel_over_a_photo_and_its_code_gives_the_same_result(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page("convolution.py")
    assert "(64 − 3) / 1 + 1 = 62" in texts(at)
    image = fit_to(fit_to(load_photo("temple"), (64, 64, 3)), (64, 64, 1))
    Image.fromarray(image[..., 0]).save(tmp_path / "input.png")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(at.code[0].value, names)
    expected = convolve(image, kernel("sobel_upright")[..., None], Window())
    np.testing.assert_allclose(np.asarray(names["result"])[0, ..., 0], expected, atol=1e-3)


def test_a_learned_filter_brings_its_networks_window_and_pixel_range() -> None:
    at = open_page("convolution.py", model="shapes-tutorial", **{KERNEL: "learned"})
    title = f"**{store.card('shapes-tutorial').title}**"
    captions = [str(caption.value).replace(title, "") for caption in at.caption if title in caption.value]
    assert ["0", "1"] in [re.findall(r"\d+", caption) for caption in captions]
    at.number_input(key="convolution.filter").set_value(32).run()
    assert "Conv2D(1, 3" in at.code[0].value
    assert 'activation="relu"' in at.code[0].value
    assert not at.exception


def test_a_window_that_does_not_fit_is_reported_and_can_be_fixed() -> None:
    with pytest.raises(ConfigError, match=r"\b13\b.*\b8\b") as error:
        output_side(8, Window(7, dilation=2))
    grid = {"level": "lab", "convolution.input": "grid", "convolution.size": "7", "convolution.dilation": "2"}
    at = open_page("convolution.py", **grid)
    assert notices(at) == [str(error.value)]
    at.selectbox(key="convolution.padding").set_value("same").run()
    assert re.search(r"8 / 1\D+ = 8\b", texts(at))


def test_pooling_has_no_kernel_and_no_dilation() -> None:
    at = open_page("convolution.py", level="lab", **{"convolution.operation": "min"})
    assert "result = -keras.layers.MaxPooling2D(2, strides=2" in at.code[0].value
    assert TILES not in component_keys(at)
    assert "convolution.dilation" not in {box.key for box in at.number_input}


def test_impossible_settings_in_a_link_are_reported() -> None:
    at = open_page("convolution.py", level="lab", **{"convolution.size": "9", KERNEL: "martian"})
    assert sorted(re.findall("“(.+?)”", sentence)[0] for sentence in notices(at)) == ["9", "martian"]
    assert not at.exception


def test_every_kernel_is_a_picture_of_itself_and_the_selected_one_is_marked() -> None:
    at = open_page("convolution.py", model="shapes-tutorial", **{KERNEL: "emboss"})
    assert row(at)["chosen"] == "emboss"
    drawn = pictures(at)
    assert list(drawn) == [*KERNELS, "learned"]
    for name in KERNELS:
        np.testing.assert_array_equal(drawn[name], weight_grid(kernel(name), drawn[name].shape[0]))
    names = {tile["id"]: tile["alt"] for tile in row(at)["tiles"]}
    assert {name: names[name] for name in KERNELS} == KERNELS
    for tile in row(at)["tiles"]:  # whoever says what they see finds the button by its name
        assert tile["alt"].startswith(tile["caption"].replace("\n", " "))


def test_the_learned_filters_picture_is_that_of_the_selected_one() -> None:
    first = first_convolution(store.load("shapes-tutorial"))
    assert first is not None
    at = open_page("convolution.py", model="shapes-tutorial", **{KERNEL: "learned", "convolution.filter": "4"})
    for number in (4, 9):
        at.number_input(key="convolution.filter").set_value(number).run()
        drawn = pictures(at)["learned"]
        np.testing.assert_array_equal(drawn, weight_grid(first.kernels[..., number - 1].mean(axis=2), drawn.shape[0]))


def test_without_a_selected_network_there_is_no_learned_filter() -> None:
    at = open_page("convolution.py", **{KERNEL: "learned", "convolution.input": "grid"})
    assert list(pictures(at)) == list(KERNELS)
    assert row(at)["chosen"] == "sobel_upright"
    assert len(notices(at)) == 1 and "learned" in notices(at)[0]


def test_a_learned_filter_is_compared_with_the_kernels_that_people_wrote() -> None:
    first = first_convolution(store.load("shapes-tutorial"))
    assert first is not None
    at = open_page("convolution.py", model="shapes-tutorial", **{KERNEL: "learned"})
    name, similarity = most_similar_kernel(first.kernels[..., 0].mean(axis=2))
    assert mentions(at, 32, 27, KERNELS[name], f"{abs(similarity):.2f}")
    at.session_state[KERNEL] = "blur"  # as a click on its picture does
    at.run()
    assert mentions(at, "People", KERNELS["blur"])


def test_a_filter_of_one_cell_resembles_nothing() -> None:
    assert not any(name in describe_training("A", np.ones((1, 1, 3, 4)), 0) for name in KERNELS.values())


def test_it_leads_to_whether_a_whole_network_finds_things_anywhere() -> None:
    assert "dense_or_convolutional" in linked_pages(open_page("convolution.py"))
