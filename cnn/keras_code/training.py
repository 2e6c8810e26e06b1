"""Writes a training run as a plain Keras script to read, copy and run."""

from cnn.data import catalog, photo_code
from cnn.data.augmentation.settings import Augmentation
from cnn.data.datasets import VALIDATION_FRACTION, DatasetInfo
from cnn.keras_code.augmentation import vary_code
from cnn.keras_code.imports import with_imports
from cnn.keras_code.model import IMPORTS, model_code
from cnn.keras_code.photos import Shape, folder_code
from cnn.training.config import TrainConfig

_WIDTH = 100
OPTIMIZER_CLASSES = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}


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
    return script(parts, config.dataset, config.seed)


def script(parts: list[str], dataset: str, seed: int) -> str:
    """A whole script of ``parts``, without the empty ones, with its imports and its seed.

    Args:
        dataset: name of the data set that it loads.
    """
    # After a definition two empty lines, as Ruff wants.
    body = "\n\n".join(part.rstrip("\n") for part in parts if part)
    return with_imports(f"keras.utils.set_random_seed({seed})\n\n{body}\n", *registration(catalog.info(dataset)))


def loading_code(dataset_info: DatasetInfo) -> str:
    """A script that loads a data set and prints the shape and class of its first three training images."""
    if dataset_info.own:
        return with_imports(f"""\
{folder_code("my_images", dataset_info.network_shape)}\
for image, label in zip(x[:3], y[:3]):
    print(image.shape, names[label])
""")
    body = f"""\
dataset, info = tfds.load("{dataset_info.builder}", split="train", with_info=True)
for example in dataset.take(3):
    print(example["image"].shape, info.features["label"].int2str(example["label"]))
"""
    return with_imports(body, *registration(dataset_info))


def registration(dataset_info: DatasetInfo) -> list[str]:
    """The import that a script with a built-in data set needs, or none."""
    if not dataset_info.builtin:
        return []
    family = dataset_info.builder.partition("/")[0]
    return [f"import cnn.data.builtin.{family}  # registers the data set with TFDS; run this in the project's folder"]


def data_code(dataset: str, shape: Shape, training_images: int | None = None) -> str:
    """Code that loads a data set as x_train, y_train, x_val, y_val, x_test, y_test.

    Args:
        shape: (height, width, channels) that photos of varying size are fitted to; other data sets keep their shape.
        training_images: number of training images to use; None for all.
    """
    dataset_info = catalog.info(dataset)
    if dataset_info.own:
        lines = [_split_own_images(shape)]
    elif dataset_info.shape[0] is None:
        splits = 'x_train, y_train = load("train[:80%]")\nx_val, y_val = load("train[80%:90%]")\n'
        lines = [f'{load_photos_code(dataset_info.builder, shape)}{splits}x_test, y_test = load("train[90%:]")']
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


def load_photos_code(builder: str, shape: Shape) -> str:
    """Code of a function that loads a part of a data set whose photos differ in size, fitted to ``shape``."""
    arguments = ", ".join(map(str, shape))
    return f"""\
{photo_code.FIT}

def load(split):
    # Photos of many sizes: the middle of each, uint8, 0-255; and their classes.
    files = {{"image": tfds.decode.SkipDecoding()}}
    photos = tfds.as_numpy(tfds.load("{builder}", split=split, as_supervised=True, decoders=files))
    images, labels = [], []
    for file, label in photos:
        images.append(fit(Image.open(io.BytesIO(file)).convert("RGB"), {arguments}))
        labels.append(label)
    return np.stack(images), np.array(labels)


"""


def _split_own_images(shape: Shape) -> str:
    return f"""\
{folder_code("my_images", shape)}\
order = np.random.default_rng(0).permutation(len(x))
x, y = x[order], y[order]
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
            f"order = np.random.default_rng([{config.seed}, 2]).permutation({height} * {width})",
            "x_train, x_val, x_test = (",
            f"    x.reshape(len(x), -1, {channels})[:, order].reshape(x.shape) for x in (x_train, x_val, x_test)",
            ")",
        ]
    return "\n".join(lines)


def class_weight_code(classes: int) -> str:
    """Code that creates ``class_weight``, for ``fit``, and ``w_val``, the same for each validation image.

    Args:
        classes: number of classes.
    """
    return f"""\
# Every class counts the same in the loss, however many images it has.
counts = np.bincount(y_train, minlength={classes})
mean = len(y_train) / np.count_nonzero(counts)
class_weight = {{label: float(mean / count) if count else 0.0 for label, count in enumerate(counts)}}
w_val = np.array([class_weight[int(label)] for label in y_val])"""


def variation_code(variation: Augmentation, batch_size: int, shape: Shape) -> str:
    """Code that creates ``train``, batches of augmented training images; empty without augmentation.

    Args:
        shape: (height, width, channels) of ``x_train``.
    """
    vary = vary_code(variation, shape)
    if not vary:
        return ""
    return f"""\
{vary}

# Training images are varied anew in every epoch.
train = tf.data.Dataset.from_tensor_slices((x_train, y_train))
train = train.shuffle(len(x_train)).batch({batch_size})
train = train.map(lambda images, labels: (vary(images), labels)).prefetch(2)"""


def _label_fractions(config: TrainConfig, classes: int) -> str:
    if not config.label_fractions:
        return ""
    return f"""\
# A label becomes a row of fractions, one a class, so that it can be spread or mixed.
y_train, y_val, y_test = (keras.utils.to_categorical(y, {classes}) for y in (y_train, y_val, y_test))"""


def _training_data(config: TrainConfig) -> str:
    """Code that creates ``train``, batches of varied and mixed training images; empty if they stay as they are."""
    lines = [variation_code(config.variation, config.batch_size, config.input_shape)]
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
    optimizer = _call(f"keras.optimizers.{OPTIMIZER_CLASSES[config.optimizer]}", *arguments)
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
    batched = vary_code(config.variation, config.input_shape) or config.mix_up or config.cut_mix
    arguments = ["train", "shuffle=False"] if batched else ["x_train", "y_train", f"batch_size={config.batch_size}"]
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
