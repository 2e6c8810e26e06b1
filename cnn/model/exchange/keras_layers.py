"""The built-in Keras layers that networks from elsewhere may have, and which of their settings are kept.

A description can name any Python class, so a layer is taken only if it is listed here, and of its settings only plain
values: initializers, regularizers and constraints matter for training alone, and are the places where a description
could name further classes.

Source: Keras 3 documentation, "Keras layers API"; Keras 2.15, ``tf.keras.layers``.
"""

from typing import Any

from cnn.data.image_decoding import shown_name
from cnn.errors import ModelError

# Of these Keras makes the same numbers from the same settings in versions 2 and 3.
LAYERS = (
    *("Activation", "Add", "Average", "AveragePooling2D", "BatchNormalization", "Concatenate", "Conv2D"),
    *("Cropping2D", "Dense", "DepthwiseConv2D", "Dropout", "ELU", "Flatten"),
    *("GlobalAveragePooling2D", "GlobalMaxPooling2D"),
    *("LayerNormalization", "LeakyReLU", "MaxPooling2D", "Maximum", "Minimum", "Multiply", "Normalization"),
    *("PReLU", "ReLU", "Rescaling", "Reshape", "SeparableConv2D", "Softmax", "Subtract", "ZeroPadding2D"),
)
# These do nothing when a network answers, so they are left out.
TRAINING_ONLY = (
    *("ActivityRegularization", "AlphaDropout", "AugMix", "CutMix", "Equalization", "GaussianDropout", "GaussianNoise"),
    *("MixUp", "RandAugment", "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast"),
    *("RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur", "RandomGrayscale"),
    *("RandomHeight", "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization", "RandomRotation"),
    *("RandomSaturation", "RandomSharpness", "RandomShear", "RandomTranslation", "RandomWidth", "RandomZoom"),
    *("Solarization", "SpatialDropout2D"),
)
ACTIVATIONS = (
    *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "swish", "mish", "sigmoid", "tanh"),
    *("softmax", "softplus", "softsign", "exponential", "hard_swish", "hard_silu"),
)

_DROPPED = (
    "name",
    "trainable",
    "dtype",
    "seed",
    "fused",
    "lora_rank",
    "lora_alpha",
    "autocast",
    "gptq_unpacked_column_size",
)
_DROPPED_ENDINGS = ("_initializer", "_regularizer", "_constraint", "_regularizer_config")
# Settings that some versions write and others do not know: nothing is lost when they have these values.
_DEFAULTS: dict[str, tuple[Any, ...]] = {
    "data_format": ("channels_last", None),
    "batch_input_shape": (),  # read before, as the size of the input
    "batch_shape": (),
    "input_shape": (),
    "sparse": (False,),
    "ragged": (False,),
    "renorm": (False,),
    "renorm_clipping": (None,),
    "renorm_momentum": (),
    "virtual_batch_size": (None,),
    "adjustment": (None,),
    "synchronized": (),
    "quantization_config": (None,),
    "quantization_mode": (None,),
    "noise_shape": (),
    "invert": (False,),
    "rms_scaling": (False,),
    "input_dim": (),
}
_KEPT_EVEN_IF_DEFAULT = {"groups": ("DepthwiseConv2D", "SeparableConv2D")}


def check_kind(entry: dict[str, Any], network: str) -> str:
    """The class name of a layer, if it is one of ours to take.

    Args:
        entry: a layer's entry in a description.
        network: name of the file, in quotation marks, for messages.

    Raises:
        ModelError: it is a Lambda layer, a class from elsewhere, or a built-in layer that is not listed.
    """
    kind, module, registered = entry.get("class_name"), entry.get("module"), entry.get("registered_name")
    if kind == "Lambda":
        raise ModelError(
            f"{network} has a Lambda layer, which is program code and could do anything on this server: refused."
        )
    if not all(isinstance(value, str | None) for value in (kind, module, registered)) or kind is None:
        raise ModelError(f"The description of the layers in {network} is damaged or was changed: refused.")
    if registered not in (None, kind) or not _is_from_keras(module):
        where = f" from “{shown_name(str(module))}”" if module is not None else ""
        raise ModelError(
            f"{network} needs “{shown_name(registered or kind)}”{where}, which is not a layer of Keras itself and may "
            "run code of its own: refused."
        )
    return str(kind)


def refuse_kind(kind: str, network: str) -> ModelError:
    """The refusal of a layer that is not listed."""
    return ModelError(
        f"{network} has a layer of the kind “{shown_name(kind)}”, which is not among the {len(LAYERS)} kinds of Keras "
        "layers that can be taken: refused."
    )


def clean_settings(kind: str, settings: Any, network: str) -> dict[str, Any]:
    """The settings with which Keras 3 makes the layer again, without those that only matter for training.

    Raises:
        ModelError: a setting has a value that changes what the layer does and cannot be taken.
    """
    kept: dict[str, Any] = {}
    for key, written in dict(settings).items():
        value = _number_of_numpy(written)
        if key in _DROPPED or key.endswith(_DROPPED_ENDINGS):
            continue
        if key in _DEFAULTS:
            if _DEFAULTS[key] and value not in _DEFAULTS[key]:
                raise _refused_setting(kind, key, value, network)
            continue
        if key in _KEPT_EVEN_IF_DEFAULT and kind in _KEPT_EVEN_IF_DEFAULT[key]:
            if value != 1:
                raise _refused_setting(kind, key, value, network)
            continue
        if key == "activation":
            value = _activation(value, kind, network)
        if kind == "Normalization" and key == "axis":
            value = list(value) if isinstance(value, list | tuple) else value
        elif key == "axis" and isinstance(value, list) and len(value) == 1:
            (value,) = value
        if not _is_plain(value):
            raise _refused_setting(kind, key, value, network)
        kept[key] = value
    return kept


def _number_of_numpy(value: Any) -> Any:
    """What was written with its type, as Keras 2.12 writes the maximum of a ReLU, as plain numbers."""
    if isinstance(value, dict) and value.get("class_name") in ("__numpy__", "__tensor__"):
        return value["config"]["value"]
    return value


def _activation(value: Any, kind: str, network: str) -> str:
    name = "linear" if value is None else value
    if isinstance(
        name, dict
    ):  # {"module": "builtins" or "keras.activations", "class_name": "function", "config": name}
        name = name.get("config") if name.get("registered_name") in (None, name.get("config"), "function") else None
    if name not in ACTIVATIONS:
        raise _refused_setting(kind, "activation", value, network)
    return str(name)


def _is_from_keras(module: str | None) -> bool:
    """Whether a class is looked up in Keras: Keras 2 writes no module in HDF5 files."""
    return (
        module is None
        or module in ("keras", "keras.layers", "keras.models")
        or module.startswith(("keras.src.", "keras.engine.", "tf_keras.src."))
        or module in ("tf_keras", "tf_keras.layers", "keras._legacy.layers")
    )


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return len(value) <= 4096 and all(_is_plain(part) for part in value)
    return value is None or isinstance(value, bool | int | float | str)


def _refused_setting(kind: str, key: str, value: Any, network: str) -> ModelError:
    return ModelError(
        f"{network} has a layer {kind} with {shown_name(key)} = {shown_name(str(value))}, which this app cannot take."
    )
