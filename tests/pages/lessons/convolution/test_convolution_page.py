"""Convolution, opened cold: what it opens on, a learned filter, what is impossible; its code makes what it shows."""

import numpy as np
from PIL import Image

from cnn.analysis.convolution.kernels import kernel
from cnn.analysis.convolution.window import Window, convolve
from cnn.data.builtin.sample_photos import load_photo
from cnn.data.images import fit_to
from tests.pages.opening import open_page, texts


def test_it_opens_on_sobel_over_a_photo_and_its_code_makes_the_same(tmp_path, monkeypatch) -> None:
    at = open_page("convolution.py")
    assert "(64 − 3) / 1 + 1 = 62" in texts(at)
    image = fit_to(fit_to(load_photo("temple"), (64, 64, 3)), (64, 64, 1))
    Image.fromarray(image[..., 0]).save(tmp_path / "input.png")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(at.code[0].value, names)
    expected = convolve(image, kernel("sobel_upright")[..., None], Window())
    np.testing.assert_allclose(np.asarray(names["result"])[0, ..., 0], expected, atol=1e-3)


def test_a_learned_filter_brings_its_networks_window_and_pixels() -> None:
    at = open_page("convolution.py", model="shapes-tutorial", **{"convolution.kernel": "learned"})
    assert "its pixels go from 0 to 1" in texts(at)
    at.number_input(key="convolution.filter").set_value(32).run()
    assert "Conv2D(1, 3" in at.code[0].value
    assert 'activation="relu"' in at.code[0].value
    assert not at.exception


def test_what_does_not_fit_is_said_and_mended() -> None:
    grid = {"level": "lab", "convolution.input": "grid", "convolution.size": "7", "convolution.dilation": "2"}
    at = open_page("convolution.py", **grid)
    assert "with gaps 13 pixels, and the image only 8 pixels" in texts(at)
    at.selectbox(key="convolution.padding").set_value("same").run()
    assert "8 / 1, rounded up = 8" in texts(at)


def test_pooling_has_no_kernel_and_no_gaps() -> None:
    at = open_page("convolution.py", level="lab", **{"convolution.operation": "min"})
    assert "result = -keras.layers.MaxPooling2D(2, strides=2" in at.code[0].value
    assert "convolution.kernel" not in {box.key for box in at.selectbox}
    assert "convolution.dilation" not in {box.key for box in at.number_input}


def test_a_link_with_impossible_settings_gets_sentences() -> None:
    at = open_page("convolution.py", level="lab", **{"convolution.size": "9", "convolution.kernel": "martian"})
    assert texts(at).count("that is not here") == 2
    assert not at.exception
