"""Writes a transfer-learning run as a plain Keras script."""

from cnn.data import catalog
from cnn.keras_code.imports import with_imports
from cnn.keras_code.training import OPTIMIZER_CLASSES, class_weight_code, data_code, script, variation_code
from cnn.model.pretrained_bases import BASES, BUILT_FROM, Base
from cnn.training.transfer_config import TransferConfig


def transfer_code(config: TransferConfig) -> str:
    """A script that computes the features once, trains a head on them, then fine-tunes, as ``config`` says.

    Returns:
        Python code with all imports. Keras downloads MobileNetV2's weights if they are not on disk; the built-in base
        is read from the project's folder.

    Source: Keras documentation, "Transfer learning & fine-tuning".
    """
    classes = len(catalog.info(config.dataset).class_names)
    parts = [
        data_code(config.dataset, config.input_shape),
        class_weight_code(classes) if config.class_weights else "",
        _base(config),
        _head(config, classes),
        _tuning(config, classes),
        'model.evaluate(x_test, y_test)\nmodel.save("my_network.keras")',
    ]
    return script(parts, config.dataset, config.seed)


def base_summary_code(base: Base) -> str:
    """Code that prints what Keras knows of a base, before and after it is frozen.

    The built-in base is read from the project's folder.
    """
    return with_imports("\n".join([*_load(base), "base.summary()", "base.trainable = False", "base.summary()", ""]))


def _load(base: Base) -> list[str]:
    """Lines of code that define ``base``."""
    if base.name == "mobilenet_v2":
        shape = ", ".join(map(str, base.input_shape))
        return [f"base = keras.applications.MobileNetV2(input_shape=({shape}), include_top=False)"]
    return [
        "# Our network for CIFAR-10 without its last two layers; it rescales by itself.",
        f'whole = keras.saving.load_model("cnn/pretrained/{BUILT_FROM}/model.keras")',
        "base = keras.Model(whole.inputs, whole.layers[-3].output)",
    ]


def _base(config: TransferConfig) -> str:
    base = BASES[config.base]
    side, shape = base.side, _shape(config)
    lines = [f"inputs = keras.Input({shape})  # uint8, 0-255", "x = inputs"]
    if shape[2] == 1:
        lines.append("x = layers.Concatenate()([x, x, x])  # grey as colour")
    if shape[:2] != (side, side):
        lines.append(f"x = layers.Resizing({side}, {side})(x)")
    if base.name == "mobilenet_v2":
        lines += [
            "x = layers.Rescaling(1 / 127.5, -1)(x)",
            *_load(base),
            "base.trainable = False",
            "x = base(x, training=False)",
            "pooled = layers.GlobalAveragePooling2D()(x)",
        ]
    else:
        lines += [
            *_load(base),
            "base.trainable = False",
            "pooled = layers.GlobalMaxPooling2D()(base([x], training=False))",
        ]
    return "\n".join([*lines, "extractor = keras.Model(inputs, pooled)"])


def _shape(config: TransferConfig) -> tuple[int, int, int]:
    """(height, width, channels) of the script's images: photos are fitted to the base, others are resized in it."""
    dataset_info = catalog.info(config.dataset)
    return config.input_shape if dataset_info.shape[0] is None else dataset_info.network_shape


def _head(config: TransferConfig, classes: int) -> str:
    logits = 1 if classes == 2 else classes
    data = f"f_train, y_train, batch_size={config.batch_size}, epochs={config.head_epochs}"
    return f"""\
# The base does not change, so it looks at every image once; the head learns from what it made of them.
f_train, f_val = extractor.predict(x_train), extractor.predict(x_val)
head = keras.Sequential([layers.Dense({logits})])
{_compile("head", config, config.learning_rate, classes)}
head.fit({data}, {_validation("f_val", config)})
model = keras.Model(inputs, head(pooled))
{_compile("model", config, config.learning_rate, classes)}"""


def _tuning(config: TransferConfig, classes: int) -> str:
    if not config.tuned_layers:
        return ""
    augment = variation_code(config.augmentation, config.batch_size, _shape(config))
    data = "train, shuffle=False" if augment else f"x_train, y_train, batch_size={config.batch_size}"
    code = f"""\
# Fine-tuning: the last layers of the base learn too, slowly; batch normalisation stays as it is.
base.trainable = True
for number, layer in enumerate(base.layers):
    frozen = number < len(base.layers) - {config.tuned_layers} or isinstance(layer, layers.BatchNormalization)
    layer.trainable = not frozen
{_compile("model", config, config.tuning_rate, classes)}
model.fit({data}, epochs={config.tuning_epochs}, {_validation("x_val", config)})"""
    return f"{augment}\n\n{code}" if augment else code


def _validation(inputs: str, config: TransferConfig) -> str:
    if config.class_weights:
        return f"validation_data=({inputs}, y_val, w_val), class_weight=class_weight"
    return f"validation_data=({inputs}, y_val)"


def _compile(name: str, config: TransferConfig, rate: float, classes: int) -> str:
    loss, metric = (
        ("BinaryCrossentropy(from_logits=True)", 'keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)')
        if classes == 2
        else ("SparseCategoricalCrossentropy(from_logits=True)", '"accuracy"')
    )
    optimizer = f"keras.optimizers.{OPTIMIZER_CLASSES[config.optimizer]}({rate})"
    return f"{name}.compile(\n    {optimizer},\n    keras.losses.{loss},\n    metrics=[{metric}],\n)"
