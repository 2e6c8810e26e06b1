"""Writes a training run as a plain Keras script to read, copy and run."""

from cnn.data import catalog
from cnn.data.augmentation.settings import Augmentation
from cnn.data.datasets import VALIDATION_FRACTION, DatasetInfo
from cnn.keras_code.augmentation import layer_lines
from cnn.keras_code.model import IMPORTS, model_code
from cnn.training.config import TrainConfig

_WIDTH = 100
_OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}


def training_code(config: TrainConfig) -> str:
    """A script that loads the data and builds, trains, evaluates and saves the network of ``config``.

    Settings are the same as in the app, random numbers are not: Keras draws the weights, order and augmentation, and
    the validation split has the same size but other images. Where Keras has no equivalent of an augmentation, the
    script has the closest layer and a comment.

    Returns:
        Python code with all imports, at most 110 characters wide. Built-in data sets need ``cnn`` on the path.

    Source: Keras documentation, "Training & evaluation with the built-in methods".
    """
    dtype = "mixed_bfloat16" if config.mixed_precision else "float32"
    classes = len(catalog.info(config.dataset).class_names)
    parts = [
        data_code(config.dataset, config.input_shape, config.training_images),
        _experiments(config, classes),
        class_weight_code(classes) if config.class_weights else "",
        _label_fractions(config, classes),
        _training_data(config),
        model_code(config.network, config.input_shape, classes, dtype=dtype).removeprefix(IMPORTS).rstrip(),
        _compile(config),
        _fit(config),
        'model.evaluate(x_test, y_test)\nmodel.save("my_network.keras")',
    ]
    body = "\n\n".join(part for part in parts if part)
    return f"{imports_code(config.dataset, body)}\n\nkeras.utils.set_random_seed({config.seed})\n\n{body}\n"


def loading_code(dataset_info: DatasetInfo) -> str:
    """A script that loads a data set and prints the shape and class of its first three training images."""
    if dataset_info.own:
        height, width, _ = dataset_info.network_shape
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
    if dataset_info.builtin:
        family = dataset_info.builder.partition("/")[0]
        register = f"import cnn.data.builtin.{family}  # registers the data set with TFDS\n"
    return f"""\
import tensorflow_datasets as tfds
{register}
dataset, info = tfds.load("{dataset_info.builder}", split="train", with_info=True)
for example in dataset.take(3):
    print(example["image"].shape, info.features["label"].int2str(example["label"]))
"""


def imports_code(dataset: str, body: str) -> str:
    """The imports that a script needs.

    Args:
        dataset: name of the data set that it loads.
        body: the script without its imports.
    """
    lines = ["import keras"]
    if "math." in body:
        lines[:0] = ["import math", ""]
    if "np." in body:
        lines.append("import numpy as np")
    if "tf." in body:
        lines.append("import tensorflow as tf")
    dataset_info = catalog.info(dataset)
    if not dataset_info.own:
        lines.append("import tensorflow_datasets as tfds")
    lines.append("from keras import layers")
    if dataset_info.builtin:
        family = dataset_info.builder.partition("/")[0]
        lines += [
            "",
            f"import cnn.data.builtin.{family}  # registers the data set with TFDS; run this in the project's folder",
        ]
    return "\n".join(lines)


def data_code(dataset: str, shape: tuple[int, int, int], training_images: int | None = None) -> str:
    """Code that loads a data set as x_train, y_train, x_val, y_val, x_test, y_test.

    Args:
        shape: (height, width, channels) that photos of varying size are resized to; other data sets keep their shape.
        training_images: number of training images to use; None for all.
    """
    dataset_info = catalog.info(dataset)
    if dataset_info.shape[0] is None:
        lines = [_load_own_images(shape) if dataset_info.own else _load_photos(dataset_info.builder, shape)]
    else:
        train_percent = round(100 * (1 - VALIDATION_FRACTION))
        lines = [
            f"# Images are uint8, 0-255. {100 - train_percent} % of the training images are held out for validation.",
            f'splits = ["train[:{train_percent}%]", "train[{train_percent}%:]", "test"]',
            f'data = tfds.load("{dataset_info.builder}", split=splits, as_supervised=True, batch_size=-1)',
            "(x_train, y_train), (x_val, y_val), (x_test, y_test) = tfds.as_numpy(data)",
        ]
    if training_images is not None:
        lines.append(f"x_train, y_train = x_train[:{training_images}], y_train[:{training_images}]")
    return "\n".join(lines)


def _load_photos(builder: str, shape: tuple[int, int, int]) -> str:
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


def _load_own_images(shape: tuple[int, int, int]) -> str:
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


def class_weight_code(classes: int) -> str:
    """Code that creates ``class_weight``, for ``fit``, and ``w_val``, the same for each held-out image.

    Args:
        classes: number of classes.
    """
    return f"""\
# Every class counts the same in the loss, however many images it has.
counts = np.bincount(y_train, minlength={classes})
mean = len(y_train) / np.count_nonzero(counts)
class_weight = {{label: float(mean / count) if count else 0.0 for label, count in enumerate(counts)}}
w_val = np.array([class_weight[int(label)] for label in y_val])"""


def variation_code(variation: Augmentation, batch_size: int) -> str:
    """Code that creates ``train``, batches of augmented training images; empty without augmentation."""
    if not variation.any():
        return ""
    lines = "".join(f"        {line}\n" for line in layer_lines(variation))
    return f"""\
# Training images are varied anew in every epoch.
vary = layers.Pipeline(
    [
{lines}    ]
)
train = tf.data.Dataset.from_tensor_slices((x_train, y_train))
train = train.shuffle(len(x_train)).batch({batch_size})
train = train.map(lambda x, y: (tf.cast(vary(x), tf.uint8), y)).prefetch(2)"""


def _label_fractions(config: TrainConfig, classes: int) -> str:
    if not config.label_fractions:
        return ""
    return f"""\
# A label becomes a row of fractions, one a class, so that it can be spread or mixed.
y_train, y_val, y_test = (keras.utils.to_categorical(y, {classes}) for y in (y_train, y_val, y_test))"""


def _training_data(config: TrainConfig) -> str:
    """Code that creates ``train``, batches of varied and mixed training images; empty if they stay as they are."""
    lines = [variation_code(config.variation, config.batch_size)]
    mixing = [
        *([f"train = train.map(layers.MixUp({config.mix_up}))"] if config.mix_up else []),
        *([f"train = train.map(layers.CutMix({config.cut_mix}))"] if config.cut_mix else []),
    ]
    if not mixing:
        return lines[0]
    if not lines[0]:
        lines = [
            "train = tf.data.Dataset.from_tensor_slices((x_train, y_train))",
            f"train = train.shuffle(len(x_train)).batch({config.batch_size})",
        ]
    lines += [
        "# Each image is mixed with another of its batch, and its label in the same proportion.",
        'train = train.map(lambda x, y: {"images": x, "labels": y})',
        *mixing,
        'train = train.map(lambda mixed: (tf.cast(tf.round(mixed["images"]), tf.uint8), mixed["labels"])).prefetch(2)',
    ]
    return "\n".join(lines)


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
            arguments = ["max(1, steps - up)", f"warmup_target={rate}", "warmup_steps=up"]
            lines.append(_call(schedule, f"{rate} / 10", *arguments))
        rate = "rate"
    arguments = [rate]
    if config.optimizer == "sgd":
        arguments += ["momentum=0.9", "nesterov=True"]
    if config.weight_decay or config.optimizer == "adamw":  # whose default in Keras is not 0
        arguments.append(f"weight_decay={config.weight_decay}")
    optimizer = _call(f"keras.optimizers.{_OPTIMIZERS[config.optimizer]}", *arguments)
    lines += [
        "model.compile(",
        f"    {optimizer},",
        f"    {_loss(config)},",
        '    metrics=["accuracy"],',
        ")",
    ]
    return "\n".join(lines)


def _loss(config: TrainConfig) -> str:
    if not config.label_fractions:
        return "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
    smoothing = f", label_smoothing={config.label_smoothing}" if config.label_smoothing else ""
    return f"keras.losses.CategoricalCrossentropy(from_logits=True{smoothing})"


def _fit(config: TrainConfig) -> str:
    lines = []
    batched = config.variation.any() or config.mix_up or config.cut_mix
    arguments = ["train"] if batched else ["x_train", "y_train", f"batch_size={config.batch_size}"]
    arguments.append(f"epochs={config.epochs}")
    if config.class_weights:
        arguments += ["validation_data=(x_val, y_val, w_val)", "class_weight=class_weight"]
    else:
        arguments.append("validation_data=(x_val, y_val)")
    if config.early_stopping:
        patience = f"patience={config.early_stopping}, restore_best_weights=True"
        lines.append(f"stop = keras.callbacks.EarlyStopping({patience})")
        arguments.append("callbacks=[stop]")
    return "\n".join([*lines, _call("model.fit", *arguments)])


def _call(name: str, *arguments: str) -> str:
    line = f"{name}({', '.join(arguments)})"
    return line if len(line) <= _WIDTH else "\n".join([f"{name}(", *(f"    {value}," for value in arguments), ")"])
