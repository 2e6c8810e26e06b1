"""The arithmetic against Keras' layers, against SciPy where Keras has no equivalent, and by hand."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from cnn.analysis.convolution.window import Window, convolve, formula, output_side, padding, pool, sum_at
from cnn.errors import ConfigError

sides = st.integers(1, 12)
seeds = st.integers(0, 2**32 - 1)
windows = st.builds(Window, st.integers(1, 7), st.integers(1, 8), st.integers(1, 8), st.sampled_from(["valid", "same"]))


def random_array(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, shape)


def fits(height: int, width: int, window: Window) -> bool:
    return window.padding == "same" or window.extent <= min(height, width)


def keras_convolution(image: np.ndarray, weights: np.ndarray, window: Window, bias: float, activation: str):
    layer = keras.layers.Conv2D(
        1, window.size, window.stride, window.padding, dilation_rate=window.dilation, activation=activation
    )
    layer.build((1, *image.shape))
    layer.set_weights([weights[..., None], np.array([bias])])
    return np.asarray(layer(image[None].astype(np.float32)))[0, ..., 0]


@settings(max_examples=150, deadline=None)
@given(sides, sides, st.sampled_from([1, 3]), windows, st.sampled_from(["linear", "relu"]), seeds)
def test_convolution_matches_keras(height, width, channels, window, activation, seed):
    image = random_array(seed, height, width, channels)
    weights = random_array(seed + 1, window.size, window.size, channels)
    bias = float(random_array(seed + 2))
    if not fits(height, width, window):
        with pytest.raises(ConfigError, match="smaller, or pad"):
            convolve(image, weights, window, bias, activation)
        return
    ours = convolve(image, weights, window, bias, activation)
    if window.stride == 1 or window.dilation == 1:
        expected = keras_convolution(image, weights, window, bias, activation)
    else:  # Keras refuses both at once: pad by hand, use stride 1, keep every stride-th position
        margins = [padding(side, window) for side in (height, width)]
        every = Window(window.size, 1, window.dilation)
        expected = keras_convolution(np.pad(image, [*margins, (0, 0)]), weights, every, bias, activation)
        expected = expected[:: window.stride, :: window.stride]
    assert ours.shape == (output_side(height, window), output_side(width, window))
    np.testing.assert_allclose(ours, expected, atol=1e-5)


@settings(max_examples=100, deadline=None)
@given(sides, sides, st.sampled_from([1, 3]), windows, st.sampled_from(["max", "average", "min"]), seeds)
def test_pooling_matches_keras(height, width, channels, window, operation, seed):
    window = Window(window.size, window.stride, 1, window.padding)
    if not fits(height, width, window):
        return
    image = random_array(seed, height, width, channels)
    kind = keras.layers.AveragePooling2D if operation == "average" else keras.layers.MaxPooling2D
    sign = -1 if operation == "min" else 1
    expected = sign * np.asarray(
        kind(window.size, window.stride, window.padding)(sign * image[None].astype(np.float32))
    )
    np.testing.assert_allclose(pool(image, window, operation), expected[0], atol=1e-5)


@settings(max_examples=50, deadline=None)
@given(sides, sides, windows, seeds)
def test_stride_with_dilation_and_min_pooling_match_scipy(height, width, window, seed):
    if window.padding == "same" or not fits(height, width, window):
        return
    image, weights = random_array(seed, height, width, 1), random_array(seed + 1, window.size, window.size, 1)
    gaps = np.zeros((window.extent, window.extent))
    gaps[:: window.dilation, :: window.dilation] = weights[..., 0]
    middle = window.extent // 2
    inside = tuple(slice(middle, middle + side - window.extent + 1) for side in (height, width))
    every = ndimage.correlate(image[..., 0], gaps, mode="constant")[inside]
    np.testing.assert_allclose(convolve(image, weights, window), every[:: window.stride, :: window.stride], atol=1e-9)
    plain = Window(window.size, window.stride)
    middle = window.size // 2
    inside = tuple(slice(middle, middle + side - window.size + 1) for side in (height, width))
    smallest = ndimage.minimum_filter(image[..., 0], window.size, mode="nearest")[inside]
    np.testing.assert_array_equal(pool(image, plain, "min")[..., 0], smallest[:: plain.stride, :: plain.stride])


@settings(max_examples=50, deadline=None)
@given(sides, sides, windows, seeds)
def test_the_sum_at_a_position_is_the_number_there(height, width, window, seed):
    if not fits(height, width, window):
        return
    image, weights = random_array(seed, height, width, 3), random_array(seed + 1, window.size, window.size, 3)
    whole = convolve(image, weights, window, 0.25, "relu")
    position = tuple(int(seed % side) for side in whole.shape)
    sums = sum_at(image, weights, window, position, 0.25, "relu")
    assert sums.result == pytest.approx(whole[position])
    assert sums.channel_sums.sum() + 0.25 == pytest.approx(sums.total)
    np.testing.assert_allclose(sums.products, sums.patch * weights)


@pytest.mark.parametrize(
    ("side", "window", "expected"),
    [
        (32, Window(3), "(32 − 3) / 1 + 1 = 30"),
        (32, Window(2, 2), "(32 − 2) / 2 + 1 = 16"),
        (32, Window(3, 2), "(32 − 3) / 2, rounded down + 1 = 15"),
        (32, Window(3, 1, 2), "(32 − ((3 − 1) × 2 + 1)) / 1 + 1 = 28"),
        (32, Window(5, 3, 1, "same"), "32 / 3, rounded up = 11"),
    ],
)
def test_the_formula_contains_its_numbers(side, window, expected):
    assert formula(side, window) == expected
    assert output_side(side, window) == int(expected.rpartition("= ")[2])


@pytest.mark.parametrize(
    ("create", "message"),
    [
        (lambda: Window(size=8), "The size is 8; choose a whole number from 1 to 7"),
        (lambda: Window(stride=0), "The stride is 0"),
        (lambda: Window(padding="full"), "choose valid or same"),
        (lambda: convolve(np.zeros((5, 5, 3)), np.zeros((3, 3, 1)), Window()), "needs (3, 3, 3)"),
        (lambda: output_side(8, Window(7, 1, 2)), "with gaps 13 pixels"),
        (lambda: pool(np.zeros((2, 2, 1)), Window(3), "max"), "only 2 pixels"),
    ],
)
def test_impossible_settings_are_refused(create, message):
    with pytest.raises(ConfigError) as caught:
        create()
    assert message in str(caught.value)
