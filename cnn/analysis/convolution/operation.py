"""One operation with a sliding window, as data: what it gives, and the same thing as Keras code."""

import json
from dataclasses import dataclass

import numpy as np

from cnn.analysis.convolution.window import (
    ACTIVATIONS,
    OPERATIONS,
    Window,
    convolve,
    output_side,
    padding,
    pool,
    sum_at,
)
from cnn.errors import ConfigError


@dataclass(frozen=True, eq=False)
class Sliding:
    """A convolution with one filter, or a pooling.

    Attributes:
        operation: "convolution", "max", "average" or "min".
        window: how it slides.
        kernel: float64 (size, size, channels); poolings have none.
        bias: added by a convolution.
        activation: of a convolution, "linear" or "relu".

    Raises:
        ConfigError: a setting is unknown, or a pooling has gaps.
    """

    operation: str
    window: Window
    kernel: np.ndarray | None = None
    bias: float = 0.0
    activation: str = "linear"

    def __post_init__(self) -> None:
        if self.operation not in OPERATIONS:
            raise ConfigError(f"The operation is “{self.operation}”; choose one of {', '.join(OPERATIONS)}.")
        if self.activation not in ACTIVATIONS:
            raise ConfigError(f"The activation is “{self.activation}”; choose {' or '.join(ACTIVATIONS)}.")
        if (self.kernel is None) == (self.operation == "convolution"):
            raise ConfigError("A convolution needs a kernel, and a pooling has none.")
        if self.operation != "convolution" and self.window.dilation > 1:
            raise ConfigError(f"The dilation is {self.window.dilation}; a pooling window has no gaps, so choose 1.")

    def apply(self, image: np.ndarray) -> np.ndarray:
        """The whole output for an image (H, W, channels): float64 (h, w, 1), or (h, w, channels) for a pooling.

        Raises:
            ConfigError: the window does not fit.
        """
        if self.kernel is None:
            return pool(image, self.window, self.operation)
        return convolve(image, self.kernel, self.window, self.bias, self.activation)[..., None]

    def at(self, image: np.ndarray, place: tuple[int, int]) -> np.ndarray:
        """The numbers at ``place``, (row, column) of the output, alone: float64 (1,), or (channels,) for a pooling."""
        if self.kernel is None:
            return self.apply(image)[place]
        return np.array([sum_at(image, self.kernel, self.window, place, self.bias, self.activation).result])


def code(sliding: Sliding, image: np.ndarray, source: str | None) -> str:
    """Python code that makes ``result``, of shape (1, h, w, channels), with Keras' own layers.

    Keras refuses stride with dilation, and has no min pooling; the code says what it does instead.

    Args:
        image: (H, W, channels), what the window slides over.
        source: how the code gets the pixels, an expression for an array of them; None writes the numbers out.

    Raises:
        ConfigError: the window does not fit.
    """
    height, width, channels = image.shape
    for side in (height, width):
        output_side(side, sliding.window)
    pixels = source or f"np.array({json.dumps(np.round(image.astype(float), 6).tolist())})"
    lines = [
        "import keras",
        "import numpy as np",
        *(["from PIL import Image"] if source else []),
        "",
        f"pixels = {pixels}",
        f'images = pixels.astype("float32").reshape(1, {height}, {width}, {channels})  # a batch of one',
    ]
    return "\n".join([*lines, *(_pooling(sliding) if sliding.kernel is None else _convolution(sliding, image))]) + "\n"


def _pooling(sliding: Sliding) -> list[str]:
    window = sliding.window
    name = "AveragePooling2D" if sliding.operation == "average" else "MaxPooling2D"
    layer = f'keras.layers.{name}({window.size}, strides={window.stride}, padding="{window.padding}")'
    if sliding.operation == "min":
        return [
            "# Keras has no min pooling: the smallest is minus the largest of minus everything.",
            f"result = -{layer}(-images)",
        ]
    return [f"result = {layer}(images)"]


def _convolution(sliding: Sliding, image: np.ndarray) -> list[str]:
    window, kernel = sliding.window, np.asarray(sliding.kernel)
    numbers = json.dumps([float(f"{weight:.9g}") for weight in kernel.ravel()])
    both = window.stride > 1 and window.dilation > 1
    lines = [
        f'kernel = np.array({numbers}, "float32")',
        f"kernel = kernel.reshape({window.size}, {window.size}, {kernel.shape[2]}, 1)  # and one filter",
    ]
    pad = window.padding
    if both:
        lines.append(
            "# Keras refuses stride with dilation: pad by hand, take every place, and keep every "
            f"{window.stride}th of them."
        )
        pad = "valid"
        if window.padding == "same":
            margins = [padding(side, window) for side in image.shape[:2]]
            lines.append(f"images = np.pad(images, [(0, 0), {margins[0]}, {margins[1]}, (0, 0)])")
    strides = 1 if both else window.stride
    lines += [
        f"layer = keras.layers.Conv2D(1, {window.size}, strides={strides}, dilation_rate={window.dilation}, "
        f'padding="{pad}", activation="{sliding.activation}")',
        "layer.build(images.shape)",
        f'layer.set_weights([kernel, np.array([{float(f"{sliding.bias:.9g}")!r}], "float32")])',
        f"result = layer(images){f'[:, ::{window.stride}, ::{window.stride}]' if both else ''}",
    ]
    return lines
