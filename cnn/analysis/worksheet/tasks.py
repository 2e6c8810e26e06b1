"""The tasks of a worksheet: numbers of a network's first layer, small and rounded enough to work with by hand."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnn.analysis.convolution.first_layer import FirstConvolution
from cnn.analysis.convolution.window import Window, convolve, output_side, padding, pool
from cnn.errors import ModelError

if TYPE_CHECKING:
    import keras

BRIGHTEST, LARGEST_WEIGHT, LARGEST_NUMBER = 9, 5, 99
_PATCH, _KERNEL, _BLOCK = 5, 3, 4  # cells a side


class ConvolutionTask(NamedTuple):
    """Numbers of an output to compute from a patch and a kernel.

    Attributes:
        corner: (row, column) of the patch's first pixel in the picture.
        channel: of the picture and the kernel, for a picture with colours.
        patch: int64 (5, 5), brightness from 0 to 9.
        kernel: int64 (3, 3), weights from -5 to 5, scaled so that the largest has 5.
        whole: whether these are all weights of the filter in this channel, and not the middle of a larger window.
        output: int64 (3, 3).
        gaps: positions (row, column) in the output that are asked for: its largest and its smallest number.
    """

    corner: tuple[int, int]
    channel: int
    patch: np.ndarray
    kernel: np.ndarray
    whole: bool
    output: np.ndarray
    gaps: tuple[tuple[int, int], tuple[int, int]]


class SizeQuestion(NamedTuple):
    """A window over the rows of a picture, the padding on both sides together in pixels, and the output's side."""

    window: Window
    padding: int
    side: int


class PoolingTask(NamedTuple):
    """A block of a feature map, int64 (4, 4) with 99 for the map's largest number, and its maxima, int64 (2, 2)."""

    block: np.ndarray
    pooled: np.ndarray


class MatchingTask(NamedTuple):
    """Filters and their feature maps, to be brought together.

    Attributes:
        kernels: int64 (4, 3, 3), summed over the channels and scaled as in ``ConvolutionTask``.
        maps: float (h, w, 4), in another order.
        places: for each filter the index of its map.
    """

    kernels: np.ndarray
    maps: np.ndarray
    places: tuple[int, ...]


class ParameterTask(NamedTuple):
    """A layer whose parameters are to be counted.

    Attributes:
        layer: its name.
        window: (rows, columns) of a convolution's window; None for a dense layer.
        inputs: channels of the maps, or numbers, that it gets.
        outputs: its filters or units.
        bias: whether each of those has a bias.
        parameters: their number.
    """

    layer: str
    window: tuple[int, int] | None
    inputs: int
    outputs: int
    bias: bool
    parameters: int


def convolution_task(image: np.ndarray, first: FirstConvolution, rng: np.random.Generator) -> ConvolutionTask:
    """A random filter of the first layer over the patch of the picture with the most contrast.

    Args:
        image: uint8 (H, W, C).

    Raises:
        ModelError: the window, or the picture, is too small.
    """
    if first.window.size < _KERNEL or min(image.shape[:2]) < _PATCH:
        raise ModelError("A worksheet needs a first layer with a window of 3 × 3 or more; choose another network.")
    tasks = [_task_of_filter(image, first, index) for index in range(first.kernels.shape[3])]
    mixed = [task for task in tasks if task.output.min() < 0 < task.output.max()]  # so that ReLU changes something
    return (mixed or tasks)[int(rng.integers(len(mixed or tasks)))]


def _task_of_filter(image: np.ndarray, first: FirstConvolution, index: int) -> ConvolutionTask:
    """The task about one filter of the first layer, in the channel in which its weights are strongest."""
    middle = _middle(first.kernels)[..., index]
    channel = int(np.abs(middle).sum(axis=(0, 1)).argmax())
    pixels = np.round(image[..., channel] / 255 * BRIGHTEST).astype(np.int64)
    corner = _most_varied(pixels, _PATCH)
    patch = pixels[corner[0] : corner[0] + _PATCH, corner[1] : corner[1] + _PATCH]
    kernel = _scaled(middle[..., channel], LARGEST_WEIGHT)
    output = convolve(patch[..., None], kernel[..., None], Window(_KERNEL)).astype(np.int64)
    largest, smallest = (np.unravel_index(int(place), output.shape) for place in (output.argmax(), output.argmin()))
    gaps = ((int(largest[0]), int(largest[1])), (int(smallest[0]), int(smallest[1])))
    return ConvolutionTask(corner, channel, patch, kernel, first.window.size == _KERNEL, output, gaps)


def size_questions(side: int, window: Window) -> list[SizeQuestion]:
    """Questions about the size of the output: the network's own window, then another stride, another padding, both.

    Args:
        side: of the picture, in pixels.
    """
    stride, other = 1 if window.stride > 1 else 2, "valid" if window.padding == "same" else "same"
    settings = [(window.stride, window.padding), (stride, window.padding), (window.stride, other), (stride, other)]
    windows = [Window(window.size, strides, window.dilation, pad) for strides, pad in settings]
    return [SizeQuestion(window, sum(padding(side, window)), output_side(side, window)) for window in windows]


def pooling_task(feature_map: np.ndarray) -> PoolingTask:
    """Max pooling of a block of a feature map, float (h, w), in which the maxima stand at different places if possible.

    Raises:
        ModelError: the map is too small.
    """
    if min(feature_map.shape) < _BLOCK:
        raise ModelError("A worksheet needs feature maps of 4 × 4 numbers or more; choose another network.")
    numbers = _scaled(feature_map, LARGEST_NUMBER)
    squares = np.lib.stride_tricks.sliding_window_view(numbers, (_BLOCK, _BLOCK))
    quarters = squares.reshape(*squares.shape[:2], 2, 2, 2, 2).swapaxes(3, 4).reshape(*squares.shape[:2], 4, 4)
    places = np.sort(quarters.argmax(axis=3), axis=2)
    different = 1 + (np.diff(places, axis=2) > 0).sum(axis=2)
    spread = squares.std(axis=(2, 3))
    # Where a map is flat, the first of equal numbers would count as its maximum.
    score = np.where(spread > 0, different, 0) + spread / (1 + LARGEST_NUMBER)
    row, column = np.unravel_index(int(score.argmax()), score.shape)
    block = squares[row, column]
    return PoolingTask(block, pool(block[..., None], Window(2, 2), "max")[..., 0].astype(np.int64))


def matching_task(kernels: np.ndarray, maps: np.ndarray, rng: np.random.Generator) -> MatchingTask:
    """Four filters whose maps differ as much as possible.

    Args:
        kernels: float (size, size, channels, filters) of a layer, of 3 x 3 or more.
        maps: float (h, w, filters), its output.

    Raises:
        ModelError: fewer than four filters answer to the picture.
    """
    filters = _unlike(maps, 4)
    middles = _middle(kernels).sum(axis=2)
    order = rng.permutation(len(filters))
    places = tuple(int(place) for place in np.argsort(order))
    shown = np.stack([_scaled(middles[..., index], LARGEST_WEIGHT) for index in filters])
    return MatchingTask(shown, maps[..., filters[order]], places)


def parameter_tasks(model: "keras.Model") -> list[ParameterTask]:
    """The first convolution and the last dense layer, as far as the network has them."""
    import keras

    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D) and layer.groups == 1]
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    tasks = []
    for layer in [*convolutions[:1], *dense[-1:]]:
        *window, inputs, outputs = (int(length) for length in layer.kernel.shape)
        rows_columns = (window[0], window[1]) if window else None
        tasks.append(
            ParameterTask(layer.name, rows_columns, inputs, outputs, bool(layer.use_bias), int(layer.count_params()))
        )
    return tasks


def _middle(kernels: np.ndarray) -> np.ndarray:
    """The 3 x 3 weights in the middle of kernels (size, size, channels, filters): (3, 3, channels, filters)."""
    start = (kernels.shape[0] - _KERNEL) // 2
    return kernels[start : start + _KERNEL, start : start + _KERNEL]


def _scaled(values: np.ndarray, largest: int) -> np.ndarray:
    """Values as whole numbers, of which the farthest from zero becomes ``largest`` or its negative: int64."""
    return np.round(values * (largest / max(float(np.abs(values).max()), 1e-12))).astype(np.int64)


def _most_varied(numbers: np.ndarray, side: int) -> tuple[int, int]:
    """(row, column) of the first corner of the square of ``side`` cells in (h, w) with the largest spread."""
    squares = np.lib.stride_tricks.sliding_window_view(numbers, (side, side))
    row, column = np.unravel_index(int(squares.std(axis=(2, 3)).argmax()), squares.shape[:2])
    return int(row), int(column)


def _unlike(maps: np.ndarray, count: int) -> np.ndarray:
    """Indices of ``count`` maps of (h, w, filters) that resemble each other least, the most varied one first."""
    spread = maps.std(axis=(0, 1))
    candidates = np.flatnonzero(spread > 1e-3 * max(float(spread.max()), 1e-12))
    if len(candidates) < count:
        raise ModelError("Too few filters of this network answer to the picture; take another worksheet.")
    likeness = np.abs(np.corrcoef(maps[..., candidates].reshape(-1, len(candidates)).T))
    chosen = [int(spread[candidates].argmax())]
    while len(chosen) < count:
        chosen.append(int(likeness[:, chosen].max(axis=1).argmin()))
    return np.asarray(candidates[chosen])
