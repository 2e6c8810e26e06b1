"""The tasks of a worksheet: the answers are those of Keras and of plain loops."""

import itertools

import keras
import numpy as np
import pytest

from cnn.analysis.convolution.first_layer import FirstConvolution
from cnn.analysis.convolution.window import Window
from cnn.analysis.worksheet import tasks
from cnn.errors import ModelError

SEEDS = range(4)


def random_layer(seed: int, size: int = 3, channels: int = 3, filters: int = 8) -> FirstConvolution:
    rng = np.random.default_rng(seed)
    kernels = rng.normal(size=(size, size, channels, filters)).astype(np.float32)
    return FirstConvolution(kernels, np.zeros(filters, np.float32), Window(size), "relu", 1 / 255, 0)


def random_image(seed: int, channels: int = 3, side: int = 12) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, channels), dtype=np.uint8)


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_output_is_the_convolution_of_patch_and_kernel_as_keras_computes_it(seed: int, size: int):
    image, first = random_image(seed), random_layer(seed, size)
    task = tasks.convolution_task(image, first, np.random.default_rng(seed))
    expected = keras.ops.conv(
        task.patch[None, ..., None].astype("float32"), task.kernel[..., None, None].astype("float32")
    )
    assert np.array_equal(task.output, np.asarray(expected)[0, ..., 0])
    assert task.output[task.gaps[0]] == task.output.max() > task.output[task.gaps[1]] == task.output.min()
    assert task.output.min() < 0 < task.output.max()  # ReLU changes one of the gaps
    row, column = task.corner
    pixels = image[row : row + 5, column : column + 5, task.channel]
    assert np.array_equal(task.patch, np.round(pixels / 255 * 9))
    assert np.abs(task.kernel).max() == 5
    assert task.whole == (size == 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_kernel_is_the_middle_of_one_that_the_network_has(seed: int):
    first = random_layer(seed, 5)
    task = tasks.convolution_task(random_image(seed), first, np.random.default_rng(seed))
    middles = first.kernels[1:4, 1:4, task.channel]
    scaled = np.round(5 * middles / np.abs(middles).max(axis=(0, 1)))
    assert any(np.array_equal(task.kernel, scaled[..., index]) for index in range(middles.shape[2]))


@pytest.mark.parametrize(
    ("image", "first"),
    [(random_image(0, side=4), random_layer(0)), (random_image(0), random_layer(0, size=2))],
    ids=["small picture", "small window"],
)
def test_what_is_too_small_to_compute_by_hand_is_refused(image: np.ndarray, first: FirstConvolution):
    with pytest.raises(ModelError):
        tasks.convolution_task(image, first, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("size", "stride", "dilation", "padding"), itertools.product([3, 5], [1, 2, 3], [1, 2], ["valid", "same"])
)
def test_sizes_are_those_of_keras_and_of_the_printed_formula(size: int, stride: int, dilation: int, padding: str):
    if stride > 1 and dilation > 1:
        return  # Keras refuses it
    side = 21
    questions = tasks.size_questions(side, Window(size, stride, dilation, padding))
    assert questions[0].window == Window(size, stride, dilation, padding)
    assert len({question.window for question in questions}) == 4
    for question in questions:
        window = question.window
        assert (side + question.padding - window.extent) // window.stride + 1 == question.side
        if window.stride == 1 or window.dilation == 1:
            layer = keras.layers.Conv2D(1, window.size, window.stride, window.padding, dilation_rate=window.dilation)
            assert layer.compute_output_shape((1, side, side, 1))[1] == question.side


@pytest.mark.parametrize("seed", SEEDS)
def test_pooling_keeps_the_largest_of_every_square_as_keras_does(seed: int):
    feature_map = np.random.default_rng(seed).normal(size=(9, 11))
    task = tasks.pooling_task(feature_map)
    expected = keras.ops.max_pool(task.block[None, ..., None].astype("float32"), 2, 2)
    assert np.array_equal(task.pooled, np.asarray(expected)[0, ..., 0])
    scaled = np.round(99 * feature_map / np.abs(feature_map).max())
    squares = np.lib.stride_tricks.sliding_window_view(scaled, (4, 4))
    assert (squares == task.block).all(axis=(2, 3)).any(), "a part of the map"


def test_pooling_prefers_maxima_at_different_places():
    feature_map = np.arange(144.0).reshape(12, 12)  # everywhere else the last of four is the largest
    feature_map[2:6, 4:8] = [[90, 1, 2, 91], [3, 4, 5, 6], [7, 8, 9, 10], [92, 11, 12, 93]]
    block = tasks.pooling_task(feature_map).block
    assert len({int(block[i : i + 2, j : j + 2].argmax()) for i in (0, 2) for j in (0, 2)}) == 4


@pytest.mark.parametrize("seed", SEEDS)
def test_each_filter_belongs_to_the_map_that_it_makes(seed: int):
    image, first = random_image(seed), random_layer(seed)
    maps = np.asarray(keras.ops.conv(image[None].astype("float32"), first.kernels))[0]
    task = tasks.matching_task(first.kernels, maps, np.random.default_rng(seed))
    assert sorted(task.places) == [0, 1, 2, 3]
    summed = first.kernels.sum(axis=2)
    for kernel, place in zip(task.kernels, task.places, strict=True):
        scaled = [np.round(5 * summed[..., i] / np.abs(summed[..., i]).max()) for i in range(summed.shape[2])]
        (index,) = [i for i, candidate in enumerate(scaled) if np.array_equal(candidate, kernel)]
        assert np.array_equal(task.maps[..., place], maps[..., index])


def test_maps_to_tell_apart_are_unlike_and_not_flat():
    rng = np.random.default_rng(0)
    different = rng.normal(size=(6, 6, 4))
    maps = np.concatenate([different, 3 * different, np.zeros((6, 6, 2))], axis=2)
    kernels = rng.normal(size=(3, 3, 1, maps.shape[2]))
    task = tasks.matching_task(kernels, maps, rng)
    assert np.abs(np.corrcoef(task.maps.reshape(-1, 4).T) - np.eye(4)).max() < 0.9
    with pytest.raises(ModelError):
        tasks.matching_task(kernels[..., :4], np.concatenate([different[..., :3], np.zeros((6, 6, 1))], 2), rng)


@pytest.mark.parametrize("bias", [True, False])
def test_parameters_are_counted_as_keras_counts_them(bias: bool):
    layers = [
        keras.Input((12, 12, 3)),
        keras.layers.Conv2D(7, (3, 5), use_bias=bias),
        keras.layers.Conv2D(9, 3),
        keras.layers.Flatten(),
        keras.layers.Dense(11),
        keras.layers.Dense(4, use_bias=bias),
    ]
    model = keras.Sequential(layers)
    convolution, dense = tasks.parameter_tasks(model)
    assert (convolution.layer, dense.layer) == (model.layers[0].name, model.layers[-1].name)
    assert convolution.parameters == 3 * 5 * 3 * 7 + 7 * bias
    assert dense.parameters == 11 * 4 + 4 * bias
    assert (convolution.window, convolution.inputs, convolution.outputs) == ((3, 5), 3, 7)
    assert (dense.window, dense.inputs, dense.outputs, dense.bias) == (None, 11, 4, bias)
