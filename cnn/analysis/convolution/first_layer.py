"""The first convolution of a trained network, as ``Window`` describes it."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnn.analysis.convolution.window import ACTIVATIONS, LARGEST, Window

if TYPE_CHECKING:
    import keras


class FirstConvolution(NamedTuple):
    """A network's first convolution, and the rescaling of pixels before it.

    Attributes:
        kernels: float32 (size, size, channels, filters).
        biases: float32 (filters,).
        window: their size and how they slide.
        activation: "linear" or "relu".
        scale: pixels of 0-255 are multiplied by this, then ``offset`` is added.
        offset: see ``scale``.
    """

    kernels: np.ndarray
    biases: np.ndarray
    window: Window
    activation: str
    scale: float
    offset: float


def first_convolution(model: "keras.Model") -> FirstConvolution | None:
    """The first convolution of ``model``; None if it has none, or one that ``Window`` cannot describe."""
    import keras

    scale, offset = 1.0, 0.0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Rescaling):
            if np.ndim(layer.scale) or np.ndim(layer.offset):
                return None  # each colour is scaled in its own way, as for networks of ImageNet that were brought in
            scale, offset = float(layer.scale), float(layer.offset)
        if not isinstance(layer, keras.layers.Conv2D):
            continue
        activation = keras.activations.serialize(layer.activation)
        size, stride, dilation = layer.kernel_size[0], layer.strides[0], layer.dilation_rate[0]
        square = all(len(set(sides)) == 1 for sides in (layer.kernel_size, layer.strides, layer.dilation_rate))
        if activation not in ACTIVATIONS or size > LARGEST or layer.groups > 1 or not square:
            return None
        kernels = np.asarray(layer.kernel, np.float32)
        biases = np.asarray(layer.bias, np.float32) if layer.use_bias else np.zeros(kernels.shape[3], np.float32)
        return FirstConvolution(
            kernels, biases, Window(size, stride, dilation, layer.padding), activation, scale, offset
        )
    return None
