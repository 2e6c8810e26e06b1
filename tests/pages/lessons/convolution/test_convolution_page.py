"""The Convolution page: its opening view, learned filters, impossible settings, and the code it generates."""

import re

import numpy as np
import pytest
from PIL import Image

from cnn.analysis.convolution.kernels import kernel
from cnn.analysis.convolution.window import Window, convolve, output_side
from cnn.data.builtin.sample_photos import load_photo
from cnn.data.images import fit_to
from cnn.errors import ConfigError
from cnn.model import store
from tests.pages.opening import notices, open_page, texts


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
    at = open_page("convolution.py", model="shapes-tutorial", **{"convolution.kernel": "learned"})
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
    assert "convolution.kernel" not in {box.key for box in at.selectbox}
    assert "convolution.dilation" not in {box.key for box in at.number_input}


def test_impossible_settings_in_a_link_are_reported() -> None:
    at = open_page("convolution.py", level="lab", **{"convolution.size": "9", "convolution.kernel": "martian"})
    assert sorted(re.findall("“(.+?)”", sentence)[0] for sentence in notices(at)) == ["9", "martian"]
    assert not at.exception
