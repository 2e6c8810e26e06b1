"""Writes a sliding-window operation as Keras code."""

import json

import numpy as np

from cnn.analysis.convolution.operation import WindowOperation
from cnn.analysis.convolution.window import output_side, padding


def convolution_code(sliding: WindowOperation, image: np.ndarray, source: str | None) -> str:
    """Python code that computes ``result``, of shape (1, h, w, channels), with Keras layers.

    Keras has no min pooling and does not combine strides with dilation; there the code has a workaround and a comment.

    Args:
        image: (H, W, channels), input of the operation.
        source: expression for the array of pixels; None writes the pixel values into the code.

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


def _pooling(sliding: WindowOperation) -> list[str]:
    window = sliding.window
    name = "AveragePooling2D" if sliding.operation == "average" else "MaxPooling2D"
    layer = f'keras.layers.{name}({window.size}, strides={window.stride}, padding="{window.padding}")'
    if sliding.operation == "min":
        return [
            "# Keras has no min pooling: the smallest is minus the largest of minus everything.",
            f"result = -{layer}(-images)",
        ]
    return [f"result = {layer}(images)"]


def _convolution(sliding: WindowOperation, image: np.ndarray) -> list[str]:
    window, kernel = sliding.window, np.asarray(sliding.kernel)
    weights = json.dumps([float(f"{weight:.9g}") for weight in kernel.ravel()])
    strided_and_dilated = window.stride > 1 and window.dilation > 1
    lines = [
        f'kernel = np.array({weights}, "float32")',
        f"kernel = kernel.reshape({window.size}, {window.size}, {kernel.shape[2]}, 1)  # and one filter",
    ]
    layer_padding = window.padding
    if strided_and_dilated:
        lines.append(
            "# Keras refuses stride with dilation: pad by hand, take every place, and keep every "
            f"{window.stride}th of them."
        )
        layer_padding = "valid"
        if window.padding == "same":
            margins = [padding(side, window) for side in image.shape[:2]]
            lines.append(f"images = np.pad(images, [(0, 0), {margins[0]}, {margins[1]}, (0, 0)])")
    every_nth = f"[:, ::{window.stride}, ::{window.stride}]" if strided_and_dilated else ""
    strides = 1 if strided_and_dilated else window.stride
    lines += [
        f"layer = keras.layers.Conv2D(1, {window.size}, strides={strides}, dilation_rate={window.dilation}, "
        f'padding="{layer_padding}", activation="{sliding.activation}")',
        "layer.build(images.shape)",
        f'layer.set_weights([kernel, np.array([{float(f"{sliding.bias:.9g}")!r}], "float32")])',
        f"result = layer(images){every_nth}",
    ]
    return lines
