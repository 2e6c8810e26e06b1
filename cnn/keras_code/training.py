"""The same training run as a page of plain Keras code, for a person to read, copy and run."""

from cnn.data import catalog
from cnn.data.augmentation.settings import Augmentation
from cnn.data.datasets import VALIDATION_FRACTION, DatasetInfo
from cnn.keras_code.augmentation import layer_lines
from cnn.keras_code.model import IMPORTS, model_code
from cnn.training.config import TrainConfig

_WIDTH = 100
_OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}


def training_code(config: TrainConfig) -> str:
    """A script that loads the data, builds, trains, evaluates and saves what ``config`` says, and nothing more.

    It is the same recipe, not the same random numbers: weights, order and variations are drawn by Keras itself, and
    the images held out for validation are as many, but others. Where Keras has no layer equal to an augmentation of
    ours, the nearest one stands there with a comment.

    Returns:
        Python code, at most 110 characters wide, with all its imports. Built-in data sets need ``cnn`` on the path.

    Source: Keras documentation, "Training & evaluation with the built-in methods".
    """
    dtype = "mixed_bfloat16" if config.mixed_precision else "float32"
    classes = len(catalog.info(config.dataset).class_names)
    parts = [
        data_code(config.dataset, config.input_shape, config.training_images),
        _experiments(config, classes),
        variation_code(config.variation, config.batch_size),
        model_code(config.network, config.input_shape, classes, dtype=dtype).removeprefix(IMPORTS).rstrip(),
        _compile(config),
        _fit(config),
        'model.evaluate(x_test, y_test)\nmodel.save("my_network.keras")',
    ]
    body = "\n\n".join(part for part in parts if part)
    return f"{imports_code(config.dataset, body)}\n\nkeras.utils.set_random_seed({config.seed})\n\n{body}\n"


def loading_code(known: DatasetInfo) -> str:
    """A script that loads a data set and prints the shape and the class of its first three training images."""
    if known.own:
        height, width, _ = known.network_shape
        return f"""\
import keras

# A folder with a folder for each class; the middle of each image, made {height} x {width}.
dataset = keras.utils.image_dataset_from_directory(
    "my_images", image_size=({height}, {width}), crop_to_aspect_ratio=True, batch_size=None
)
for image, label in dataset.take(3):
    print(image.shape, dataset.class_names[label])
"""
    register = ""
    if known.builtin:
        register = f"import cnn.data.builtin.{known.builder.partition('/')[0]}  # registers the data set with TFDS\n"
    return f"""\
import tensorflow_datasets as tfds
{register}
dataset, info = tfds.load("{known.builder}", split="train", with_info=True)
for example in dataset.take(3):
    print(example["image"].shape, info.features["label"].int2str(example["label"]))
"""


def imports_code(dataset: str, body: str) -> str:
    """The imports that a script about a data set needs."""
    needed = ["import keras"]
    if "math." in body:
        needed[:0] = ["import math", ""]
    if "np." in body:
        needed.append("import numpy as np")
    if "tf." in body:
        needed.append("import tensorflow as tf")
    known = catalog.info(dataset)
    if not known.own:
        needed.append("import tensorflow_datasets as tfds")
    needed.append("from keras import layers")
    if known.builtin:
        family = known.builder.partition("/")[0]
        needed += [
            "",
            f"import cnn.data.builtin.{family}  # registers the data set with TFDS; run this in the project's folder",
        ]
    return "\n".join(needed)


def data_code(dataset: str, shape: tuple[int, int, int], training_images: int | None = None) -> str:
    """Lines that load a data set as x_train, y_train, x_val, y_val, x_test, y_test.

    Args:
        shape: (height, width, channels) that photos of many sizes are made; other sets keep their own.
        training_images: only so many of them; None for all.
    """
    known = catalog.info(dataset)
    if known.shape[0] is None:
        lines = [_own(shape) if known.own else _photos(known.builder, shape)]
    else:
        share = round(100 * (1 - VALIDATION_FRACTION))
        lines = [
            f"# Images are uint8, 0-255. {100 - share} % of the training images are held out for validation.",
            f'splits = ["train[:{share}%]", "train[{share}%:]", "test"]',
            f'data = tfds.load("{known.builder}", split=splits, as_supervised=True, batch_size=-1)',
            "(x_train, y_train), (x_val, y_val), (x_test, y_test) = tfds.as_numpy(data)",
        ]
    if training_images is not None:
        lines.append(f"x_train, y_train = x_train[:{training_images}], y_train[:{training_images}]")
    return "\n".join(lines)


def _photos(builder: str, shape: tuple[int, int, int]) -> str:
    return f"""\
# Photos of many sizes: the middle of each, made {shape[0]} x {shape[1]}, uint8, 0-255.
resize = layers.Resizing({shape[0]}, {shape[1]}, crop_to_aspect_ratio=True, antialias=True, dtype="uint8")


def load(split):
    photos = tfds.load("{builder}", split=split, as_supervised=True)
    photos = photos.map(lambda photo, label: (resize(photo), label))
    return next(iter(tfds.as_numpy(photos.batch(len(photos)))))


x_train, y_train = load("train[:80%]")
x_val, y_val = load("train[80%:90%]")
x_test, y_test = load("train[90%:]")"""


def _own(shape: tuple[int, int, int]) -> str:
    return f"""\
# A folder with a folder for each class; the middle of each image, made {shape[0]} x {shape[1]}, 0-255.
images = keras.utils.image_dataset_from_directory(
    "my_images", image_size=({shape[0]}, {shape[1]}), crop_to_aspect_ratio=True, batch_size=None, shuffle=False
)
x, y = (np.stack(part) for part in zip(*images.as_numpy_iterator()))
order = np.random.default_rng(0).permutation(len(x))
x, y = x[order].round().astype("uint8"), y[order]
# A tenth is held out for validation, another for the test.
x_train, x_val, x_test = np.split(x, [len(x) * 8 // 10, len(x) * 9 // 10])
y_train, y_val, y_test = np.split(y, [len(x) * 8 // 10, len(x) * 9 // 10])"""


def _experiments(config: TrainConfig, classes: int) -> str:
    lines = []
    if config.shuffled_labels:
        lines += [
            "# Experiment: every training image gets a label by chance.",
            f"y_train = np.random.default_rng({config.seed}).integers({classes}, size=len(y_train))",
        ]
    if config.shuffled_pixels:
        height, width, channels = config.input_shape
        lines += [
            "# Experiment: pixels change places, in all images in the same way.",
            f"order = np.random.default_rng({config.seed}).permutation({height} * {width})",
            "x_train, x_val, x_test = (",
            f"    x.reshape(len(x), -1, {channels})[:, order].reshape(x.shape) for x in (x_train, x_val, x_test)",
            ")",
        ]
    return "\n".join(lines)


def variation_code(variation: Augmentation, batch_size: int) -> str:
    """Lines that make ``train``, the varied training images in batches; nothing where they stay as they are."""
    if not variation.any():
        return ""
    steps = "".join(f"        {step}\n" for step in layer_lines(variation))
    return f"""\
# Training images are varied anew in every epoch.
vary = layers.Pipeline(
    [
{steps}    ]
)
train = tf.data.Dataset.from_tensor_slices((x_train, y_train))
train = train.shuffle(len(x_train)).batch({batch_size})
train = train.map(lambda x, y: (tf.cast(vary(x), tf.uint8), y)).prefetch(2)"""


def _compile(config: TrainConfig) -> str:
    rate = str(config.learning_rate)
    lines = []
    if config.schedule != "constant":
        lines.append(f"steps = {config.epochs} * math.ceil(len(x_train) / {config.batch_size})")
        schedule = "rate = keras.optimizers.schedules.CosineDecay"
        if config.schedule == "cosine":
            lines.append(_call(schedule, rate, "steps"))
        else:
            lines.append("up = max(1, steps // 5)  # the rate rises for a fifth of the run, then falls to 0")
            down = ["max(1, steps - up)", f"warmup_target={rate}", "warmup_steps=up"]
            lines.append(_call(schedule, f"{rate} / 10", *down))
        rate = "rate"
    settings = [rate]
    if config.optimizer == "sgd":
        settings += ["momentum=0.9", "nesterov=True"]
    # AdamW's own default is not 0.
    if config.weight_decay or config.optimizer == "adamw":
        settings.append(f"weight_decay={config.weight_decay}")
    optimizer = _call(f"keras.optimizers.{_OPTIMIZERS[config.optimizer]}", *settings)
    lines += [
        "model.compile(",
        f"    {optimizer},",
        "    keras.losses.SparseCategoricalCrossentropy(from_logits=True),",
        '    metrics=["accuracy"],',
        ")",
    ]
    return "\n".join(lines)


def _fit(config: TrainConfig) -> str:
    lines = []
    settings = ["train"] if config.variation.any() else ["x_train", "y_train", f"batch_size={config.batch_size}"]
    settings += [f"epochs={config.epochs}", "validation_data=(x_val, y_val)"]
    if config.early_stopping:
        patience = f"patience={config.early_stopping}, restore_best_weights=True"
        lines.append(f"stop = keras.callbacks.EarlyStopping({patience})")
        settings.append("callbacks=[stop]")
    return "\n".join([*lines, _call("model.fit", *settings)])


def _call(name: str, *arguments: str) -> str:
    line = f"{name}({', '.join(arguments)})"
    return line if len(line) <= _WIDTH else "\n".join([f"{name}(", *(f"    {value}," for value in arguments), ")"])
