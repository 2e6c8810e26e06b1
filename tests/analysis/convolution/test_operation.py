"""Operations against the Keras code that a page shows for them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.analysis.convolution.operation import WindowOperation
from cnn.analysis.convolution.window import Window
from cnn.errors import ConfigError
from cnn.keras_code.convolution import convolution_code
from tests.analysis.convolution.test_window import fits, random_array, seeds, sides, windows


@pytest.mark.parametrize(
    ("create", "message"),
    [
        (lambda: WindowOperation("median", Window()), "The operation is “median”"),
        (lambda: WindowOperation("convolution", Window()), "needs a kernel"),
        (lambda: WindowOperation("max", Window(2, 2, 2)), "no gaps"),
    ],
)
def test_impossible_settings_are_refused(create, message):
    with pytest.raises(ConfigError) as caught:
        create()
    assert message in str(caught.value)


def test_the_strongest_output_is_the_one_farthest_from_zero():
    image = np.zeros((5, 6, 1))
    image[1:4, 4] = 9
    edges = WindowOperation("convolution", Window(), np.array([[1, 0, -1]] * 3, float)[..., None])
    assert edges.apply(image)[1, 2, 0] == -27
    assert edges.strongest_position(image) == (1, 2)
    assert WindowOperation("max", Window(2, 2)).strongest_position(image.repeat(3, axis=2)) == (0, 2)


@settings(max_examples=40, deadline=None)
@given(sides, sides, st.sampled_from([1, 3]), windows, st.sampled_from(["convolution", "max", "average", "min"]), seeds)
def test_the_keras_code_gives_the_same_array(height, width, channels, window, operation, seed):
    if operation != "convolution":
        window = Window(window.size, window.stride, 1, window.padding)
    if not fits(height, width, window):
        return
    image = np.round(255 * np.abs(random_array(seed, height, width, channels)))
    weights = random_array(seed + 1, window.size, window.size, channels) if operation == "convolution" else None
    sliding = WindowOperation(operation, window, weights, 1.5 if weights is not None else 0.0)
    for source in (None, "image"):
        names = {"image": image}
        exec(convolution_code(sliding, image, source), names)
        expected = sliding.apply(image)
        position = (seed % expected.shape[0], seed % expected.shape[1])
        np.testing.assert_allclose(sliding.at(image, position), expected[position])
        assert names["result"].shape == (1, *expected.shape)
        np.testing.assert_allclose(np.asarray(names["result"])[0], expected, rtol=1e-5, atol=1e-3)
