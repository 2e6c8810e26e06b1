"""One operation of a sliding window, as data that can be applied to an image."""

from dataclasses import dataclass

import numpy as np

from cnn.analysis.convolution.window import (
    ACTIVATIONS,
    OPERATIONS,
    Window,
    convolve,
    pool,
    sum_at,
)
from cnn.errors import ConfigError


@dataclass(frozen=True, eq=False)
class WindowOperation:
    """A convolution with one filter, or a pooling.

    Attributes:
        operation: "convolution", "max", "average" or "min".
        window: its size and how it slides.
        kernel: float64 (size, size, channels); None for a pooling.
        bias: of a convolution.
        activation: of a convolution, "linear" or "relu".

    Raises:
        ConfigError: a setting is unknown, or a pooling window is dilated.
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
        """The output for an image (H, W, channels): float64 (h, w, 1), or (h, w, channels) for a pooling.

        Raises:
            ConfigError: the window does not fit.
        """
        if self.kernel is None:
            return pool(image, self.window, self.operation)
        return convolve(image, self.kernel, self.window, self.bias, self.activation)[..., None]

    def strongest_position(self, image: np.ndarray) -> tuple[int, int]:
        """(row, column) of the output that is farthest from zero, the first of several.

        Raises:
            ConfigError: the window does not fit.
        """
        strength = np.abs(self.apply(image)).max(axis=2)
        row, column = np.unravel_index(int(strength.argmax()), strength.shape)
        return int(row), int(column)

    def at(self, image: np.ndarray, position: tuple[int, int]) -> np.ndarray:
        """The output at one position, (row, column): float64 (1,), or (channels,) for a pooling."""
        if self.kernel is None:
            return self.apply(image)[position]
        return np.array([sum_at(image, self.kernel, self.window, position, self.bias, self.activation).result])
