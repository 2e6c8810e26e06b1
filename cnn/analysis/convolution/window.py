"""The arithmetic of a window that slides over an image: convolution and pooling, down to each product.

Written in plain NumPy, so that every number shown on a page can be traced here. As usual in deep learning, convolution
means cross-correlation: the kernel is not flipped.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cnn.errors import ConfigError

OPERATIONS = ("convolution", "max", "average", "min")
ACTIVATIONS = ("linear", "relu")
LARGEST = 7


@dataclass(frozen=True)
class Window:
    """A square window and how it slides.

    Attributes:
        size: cells per side, 1..7.
        stride: pixels between neighbouring positions, 1..8.
        dilation: pixels between neighbouring cells, 1..8; 1 leaves no gaps.
        padding: "valid" (the window stays inside) or "same" (the output has the input's size divided by the stride).

    Raises:
        ConfigError: a setting is out of range.
    """

    size: int = 3
    stride: int = 1
    dilation: int = 1
    padding: str = "valid"

    def __post_init__(self) -> None:
        for name, limit in (("size", LARGEST), ("stride", 8), ("dilation", 8)):
            value = getattr(self, name)
            if not isinstance(value, int) or not 1 <= value <= limit:
                raise ConfigError(f"The {name} is {value}; choose a whole number from 1 to {limit}.")
        if self.padding not in ("valid", "same"):
            raise ConfigError(f"The padding is “{self.padding}”; choose valid or same.")

    @property
    def extent(self) -> int:
        """Pixels from its first to its last cell, both included."""
        return (self.size - 1) * self.dilation + 1


class WeightedSum(NamedTuple):
    """The computation of one number of a feature map.

    Attributes:
        patch: float64 (size, size, channels), the pixels under the window; 0 in the padding.
        products: float64 (size, size, channels), patch times kernel.
        channel_sums: float64 (channels,), the sum of the products of each channel.
        total: the sum of all products and the bias.
        result: the total after the activation.
    """

    patch: np.ndarray
    products: np.ndarray
    channel_sums: np.ndarray
    total: float
    result: float


def output_side(side: int, window: Window) -> int:
    """The output size along a side of ``side`` pixels.

    Raises:
        ConfigError: the window does not fit.

    Source: Dumoulin & Visin (2016), arXiv:1603.07285.
    """
    if window.padding == "same":
        return -(-side // window.stride)
    if window.extent > side:
        gaps = f", with gaps {window.extent} pixels" if window.dilation > 1 else ""
        raise ConfigError(
            f"The window has {window.size} cells a side{gaps}, and the image only {side} pixels. Make the window "
            "smaller, or pad with “same”."
        )
    return (side - window.extent) // window.stride + 1


def padding(side: int, window: Window) -> tuple[int, int]:
    """Pixels of padding (before, after) on a side of ``side`` pixels; an odd one goes after, as in TensorFlow."""
    if window.padding == "valid":
        return 0, 0
    missing = same_padding(side, window.extent, window.stride)
    return missing // 2, missing - missing // 2


def same_padding(side: int, extent: int, stride: int) -> int:
    """Pixels that padding "same" adds to a side: half of them before, an odd one after, as in TensorFlow."""
    return max(0, (-(-side // stride) - 1) * stride + extent - side)


def convolve(
    image: np.ndarray, kernel: np.ndarray, window: Window, bias: float = 0.0, activation: str = "linear"
) -> np.ndarray:
    """Compute the feature map of one filter.

    Args:
        image: (H, W, channels), any real numbers.
        kernel: (size, size, channels).
        bias: added to each sum.
        activation: "linear" or "relu".

    Returns:
        float64 (h, w).

    Raises:
        ConfigError: the window does not fit, or the kernel does not match the window and the image's channels.
    """
    _check(image, kernel, window, activation)
    totals = (patches(image, window) * kernel).sum(axis=(2, 3, 4)) + bias
    return np.maximum(totals, 0.0) if activation == "relu" else totals


def sum_at(
    image: np.ndarray,
    kernel: np.ndarray,
    window: Window,
    position: tuple[int, int],
    bias: float = 0.0,
    activation: str = "linear",
) -> WeightedSum:
    """The computation of the number at ``position``, (row, column) of the feature map; see ``convolve``."""
    _check(image, kernel, window, activation)
    patch = patches(image, window)[position]
    products = patch * kernel
    channel_sums = products.sum(axis=(0, 1))
    total = float(channel_sums.sum() + bias)
    return WeightedSum(patch, products, channel_sums, total, max(total, 0.0) if activation == "relu" else total)


def pool(image: np.ndarray, window: Window, operation: str) -> np.ndarray:
    """Pool each channel: the largest, mean or smallest number under the window.

    Padding is ignored: only pixels inside the image count.

    Args:
        image: (H, W, channels).
        operation: "max", "average" or "min".

    Returns:
        float64 (h, w, channels).

    Raises:
        ConfigError: the window does not fit, or the operation is unknown.
    """
    if operation not in ("max", "average", "min"):
        raise ConfigError(f"The pooling is “{operation}”; choose max, average or min.")
    windows = patches(image, window, outside=np.nan)
    if operation == "average":
        return np.nanmean(windows, axis=(2, 3))
    return np.nanmax(windows, axis=(2, 3)) if operation == "max" else np.nanmin(windows, axis=(2, 3))


def patches(image: np.ndarray, window: Window, outside: float = 0.0) -> np.ndarray:
    """The pixels under the window at every position: a read-only view, float64 (h, w, size, size, channels).

    Args:
        image: (H, W, channels).
        outside: value of the padding.
    """
    for side in image.shape[:2]:
        output_side(side, window)
    margins = [padding(side, window) for side in image.shape[:2]]
    padded = np.pad(image.astype(np.float64), [*margins, (0, 0)], constant_values=outside)
    # (h, w, channels, extent, extent), then every stride-th position and every dilation-th cell
    windows = np.lib.stride_tricks.sliding_window_view(padded, (window.extent, window.extent), axis=(0, 1))
    windows = windows[:: window.stride, :: window.stride, :, :: window.dilation, :: window.dilation]
    return np.moveaxis(windows, 2, 4)


def formula(side: int, window: Window) -> str:
    """The formula of the output size along one side with its numbers, as in ``(32 - 3) / 1 + 1 = 30``."""
    out = output_side(side, window)
    if window.padding == "same":
        return f"{side} / {window.stride}, rounded up = {out}"
    rest = ", rounded down" if (side - window.extent) % window.stride else ""
    extent = f"{window.extent}"
    if window.dilation > 1:
        extent = f"(({window.size} − 1) × {window.dilation} + 1)"
    return f"({side} − {extent}) / {window.stride}{rest} + 1 = {out}"


def _check(image: np.ndarray, kernel: np.ndarray, window: Window, activation: str) -> None:
    expected = (window.size, window.size, image.shape[2])
    if kernel.shape != expected:
        raise ConfigError(f"The kernel has the shape {kernel.shape}; for this window and image it needs {expected}.")
    if activation not in ACTIVATIONS:
        raise ConfigError(f"The activation is “{activation}”; choose {' or '.join(ACTIVATIONS)}.")
