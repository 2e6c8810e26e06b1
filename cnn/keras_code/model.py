"""Writes an architecture as the Keras code that ``cnn.model.build`` amounts to, to read, copy and run."""

import json
from typing import Any

from cnn.model.architectures import (
    Activation,
    Architecture,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalPooling,
    Layer,
    Pooling,
    Residual,
)
from cnn.model.build import NORMALIZATION
from cnn.model.shape_inference import infer_shapes

IMPORTS = "import keras\nfrom keras import layers\n\n"

_KERAS_DEFAULTS = {"strides": 1, "dilation_rate": 1, "padding": "valid", "activation": "linear", "use_bias": True}
_RESCALING = {"unit": "layers.Rescaling(1 / 255)", "symmetric": "layers.Rescaling(1 / 127.5, offset=-1)"}


def model_code(
    architecture: Architecture,
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    dtype: str = "float32",
) -> str:
    """Python code that builds ``model`` with the same layers as ``build`` for the same arguments.

    Args:
        input_shape: (height, width, channels) of the input images, which are uint8, 0-255.
        num_classes: number of logits.
        dtype: "float32" or "mixed_bfloat16".

    Returns:
        ``IMPORTS`` and then one line per Keras layer, at most 110 characters wide.

    Raises:
        ConfigError: a layer is impossible.

    Source: Keras documentation, "The Functional API".
    """
    shapes = [tuple(input_shape), *infer_shapes(architecture, input_shape)]
    lines = [
        f'inputs = keras.Input({tuple(input_shape)}, dtype="uint8")',
        f"x = {_RESCALING[architecture.rescaling]}(inputs)",
    ]
    for layer, before in zip(architecture.layers, shapes, strict=False):
        lines += _lines(layer, before)
    if len(shapes[-1]) > 1:
        lines.append(_step("Flatten"))
    mixed = dtype != "float32"
    if mixed:
        lines.insert(0, f'keras.config.set_dtype_policy("{dtype}")')
    logits = _layer("Dense", num_classes, **({"dtype": "float32"} if mixed else {}))
    lines += [
        f"outputs = {logits}(x)  # logits: softmax makes them probabilities",
        "model = keras.Model(inputs, outputs)",
    ]
    return IMPORTS + "\n".join(lines) + "\n"


def _lines(layer: Layer, before: tuple[int, ...]) -> list[str]:
    match layer:
        case Convolution():
            return _convolution(layer)
        case Residual(filters):
            shortcut = "x" if before[-1] == filters else _layer("Conv2D", filters, 1, use_bias=False) + "(x)"
            return [
                f"shortcut = {shortcut}",
                *_convolution(Convolution(filters, padding="same", batch_norm=True)),
                *_convolution(Convolution(filters, padding="same", activation="linear", bias=False)),
                _normalization(),
                "x = layers.Add()([x, shortcut])",
                _step("Activation", "relu"),
            ]
        case Pooling(operation, size):
            return [_step("MaxPooling2D" if operation == "max" else "AveragePooling2D", size)]
        case GlobalPooling(operation):
            return [_step("GlobalMaxPooling2D" if operation == "max" else "GlobalAveragePooling2D")]
        case BatchNormalization():
            return [_normalization()]
        case Activation(function):
            return [_step("Activation", function)]
        case Flatten():
            return [_step("Flatten")]
        case Dense(units, activation, bias):
            return [_step("Dense", units, activation=activation, use_bias=bias)]
        case Dropout(rate):
            return [_step("Dropout", rate)]


def _convolution(layer: Convolution) -> list[str]:
    convolution = _step(
        "Conv2D",
        layer.filters,
        layer.size,
        strides=layer.strides,
        dilation_rate=layer.dilation,
        padding=layer.padding,
        activation="linear" if layer.batch_norm else layer.activation,
        use_bias=layer.bias and not layer.batch_norm,
    )
    return [convolution, _normalization(), _step("Activation", layer.activation)] if layer.batch_norm else [convolution]


def _normalization() -> str:
    return _step("BatchNormalization", **NORMALIZATION)


def _step(name: str, *arguments: Any, **settings: Any) -> str:
    return f"x = {_layer(name, *arguments, **settings)}(x)"


def _layer(name: str, *arguments: Any, **settings: Any) -> str:
    """A Keras layer as code, without settings equal to Keras' defaults."""
    literals = [_literal(value) for value in arguments]
    literals += [f"{key}={_literal(value)}" for key, value in settings.items() if _KERAS_DEFAULTS.get(key) != value]
    return f"layers.{name}({', '.join(literals)})"


def _literal(value: Any) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value)


def probabilities_code(logits: str, *, one_logit: bool) -> str:
    """One or two lines of code that compute ``probabilities`` from logits.

    Args:
        logits: expression for the logits.
        one_logit: whether two classes share one logit, which is that of the second.
    """
    if not one_logit:
        return f"probabilities = keras.ops.softmax({logits})"
    return f"second = keras.ops.sigmoid({logits})\nprobabilities = keras.ops.concatenate([1 - second, second], axis=1)"
