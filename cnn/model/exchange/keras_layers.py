"""The built-in Keras layers that networks from elsewhere may have, and which of their settings are kept.

A description can name any Python class, so a layer is taken only if it is listed here, and of its settings only plain
values: initializers, regularizers and constraints matter for training alone, and are the places where a description
could name further classes. A file that this app has made is loaded as it stands, so ``refuse_foreign_layers`` looks
whether it still is.

Source: Keras 3 documentation, "Keras layers API"; Keras 2.15, ``tf.keras.layers``.
"""

from collections.abc import Iterator
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
# What Keras 3 writes of these layers where nothing was added to them, as LoRA and quantisation add to theirs.
SETTINGS = (
    *("activation", "activity_regularizer", "alpha", "alpha_constraint", "alpha_initializer"),
    *("alpha_regularizer", "axis", "batch_shape", "beta_constraint", "beta_initializer", "beta_regularizer"),
    *("bias_constraint", "bias_initializer", "bias_regularizer", "center", "cropping", "data_format"),
    *("depth_multiplier", "depthwise_constraint", "depthwise_initializer", "depthwise_regularizer"),
    *("dilation_rate", "dtype", "epsilon", "filters", "gamma_constraint", "gamma_initializer"),
    *("gamma_regularizer", "groups", "invert", "keepdims", "kernel_constraint", "kernel_initializer"),
    *("kernel_regularizer", "kernel_size", "max_value", "mean", "momentum", "moving_mean_initializer"),
    *("moving_variance_initializer", "name", "negative_slope", "noise_shape", "offset", "optional", "padding"),
    *("pointwise_constraint", "pointwise_initializer", "pointwise_regularizer", "pool_size"),
    *("quantization_config", "ragged", "rate", "renorm", "renorm_clipping", "renorm_momentum", "rms_scaling"),
    *("scale", "seed", "shared_axes", "sparse", "strides", "synchronized", "target_shape", "threshold"),
    *("trainable", "units", "use_bias", "variance"),
)
DTYPES = ("float16", "bfloat16", "float32", "mixed_float16", "mixed_bfloat16", "uint8")
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
# What a file of this app may name: nothing of it runs code from the file.
_ALLOWED = {
    *(("keras.layers", name, None) for name in (*LAYERS, "InputLayer")),
    *(("keras.initializers", name, None) for name in ("GlorotUniform", "HeNormal", "HeUniform", "Ones", "Zeros")),
    ("keras", "DTypePolicy", None),
    ("keras.src.models.functional", "Functional", "Functional"),
    (None, "__keras_tensor__", None),
}


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


def refuse_foreign_layers(config: Any, quoted_name: str) -> None:
    """Refuse a description that names what this app does not write, so that Keras can load the rest as it stands.

    Args:
        config: the parsed ``config.json`` of a ``.keras`` file.
        quoted_name: name of the file, in quotation marks, for messages.

    Raises:
        ModelError: it names another class than one of the app's layers, or a setting that the app does not write.
    """
    if not isinstance(config, dict) or config.get("class_name") != "Functional":
        class_name = str(config.get("class_name")) if isinstance(config, dict) else "something else"
        raise ModelError(
            f"{quoted_name} is not a network of ours but “{shown_name(class_name)}”, which may run code of its own: "
            "refused."
        )
    # Models are loaded for prediction only, so the optimizer's configuration is never read.
    for part in _parts({key: value for key, value in config.items() if key != "compile_config"}):
        name, module = part.get("class_name"), part.get("module")
        if name == "Lambda":
            raise ModelError(
                f"{quoted_name} has a Lambda layer, which is program code and could do anything on this server: "
                "refused."
            )
        if not all(isinstance(value, str | None) for value in (name, module, part.get("registered_name"))):
            raise ModelError(f"The description of the layers in {quoted_name} is damaged or was changed: refused.")
        if (module, name, part.get("registered_name")) not in _ALLOWED:
            where = f" from “{shown_name(str(module))}”" if module not in (None, "keras.layers") else ""
            refused_class = shown_name(str(part.get("registered_name") or name))
            raise ModelError(
                f"{quoted_name} needs “{refused_class}”{where}, which is not among the layers this app builds with and "
                "may run code of its own: refused."
            )
        _refuse_foreign_settings(part, quoted_name)


def _refuse_foreign_settings(part: dict[str, Any], quoted_name: str) -> None:
    """Refuse what makes of a small file a large network, as LoRA does: its rank is a number in the description."""
    settings = part.get("config")
    if part.get("module") == "keras" and settings not in [{"name": name} for name in DTYPES]:
        raise ModelError(f"{quoted_name} calculates with numbers of another kind than this app does: refused.")
    if part.get("module") != "keras.layers" or not isinstance(settings, dict):
        return
    dtype = settings.get("dtype")
    has_dtype = isinstance(dtype, dict) or dtype in (None, *DTYPES)
    foreign = [name for name in settings if name not in SETTINGS] + ["dtype"] * (not has_dtype)
    if settings.get("quantization_config") is not None:
        foreign.append("quantization_config")
    if foreign:
        raise ModelError(
            f"{quoted_name} has a layer “{shown_name(str(part['class_name']))}” with the setting "
            f"“{shown_name(foreign[0])}”, which layers of this app do not have: refused."
        )


def _parts(config: Any) -> Iterator[dict[str, Any]]:
    """All parts of a description that Keras would turn into objects."""
    pending = [config]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if "class_name" in value or "module" in value or "registered_name" in value:
                yield value
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
