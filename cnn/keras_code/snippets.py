"""Short code examples that depend on few settings or none."""

from collections.abc import Sequence

from cnn.keras_code.imports import with_imports
from cnn.keras_code.model import probabilities_code
from cnn.keras_code.photos import (
    PhotoReading,
    folder_code,
    model_and_photo_code,
)
from cnn.model.pretrained_bases import BUILT_FROM, Base
from cnn.training.few_shot_head import HOLD_OUT_EVERY, INVERSE_REGULARIZATION, MIN_PHOTOS_TO_HOLD_OUT


def load_model_code() -> str:
    """Load a model file and print its layers."""
    return 'import keras\n\nmodel = keras.saving.load_model("model.keras")  # the download, renamed\nmodel.summary()\n'


def predict_code(
    class_names: Sequence[str],
    *,
    one_logit: bool,
    pixel_seed: int | None = None,
    reading: PhotoReading | None = None,
) -> str:
    """Code that classifies a photo: it computes ``probabilities``, (1, classes).

    Args:
        class_names: in the order of the model's outputs.
        one_logit: whether two classes share one logit.
        pixel_seed: seed of the pixel permutation the model was trained with, or None.
        reading: how the app has read the photo; None for the usual.
    """
    return with_imports(f"""\
{model_and_photo_code(pixel_seed, reading)}\
# Rescaling is a layer of the model.
{probabilities_code("model.predict(images, verbose=0)", one_logit=one_logit)}
names = {list(class_names)}
print(names[int(np.argmax(probabilities))])
""")


def feature_maps_code(pixel_seed: int | None = None, reading: PhotoReading | None = None) -> str:
    """Code that computes ``outputs``, of every layer for a photo, and prints their shapes."""
    return with_imports(f"""\
{model_and_photo_code(pixel_seed, reading)}\
probe = keras.Model(model.inputs, {{layer.name: layer.output for layer in model.layers}})
outputs = probe([images])
for name, values in outputs.items():
    print(name, values.shape)  # where there are maps: (batch, rows, columns, maps)
""")


def grad_cam_code(pixel_seed: int | None = None, reading: PhotoReading | None = None) -> str:
    """Code that defines ``grad_cam``, and computes ``heat``, (1, h, w), for a photo, its answer and the last maps.

    Source: Selvaraju et al. (2017), arXiv:1610.02391.
    """
    return with_imports(f'''\
def grad_cam(images, number, layer):
    """Heatmaps (N, h, w) of the evidence for class ``number`` in the maps of ``layer``."""
    both = keras.Model(model.inputs, [model.get_layer(layer).output, model.outputs[0]])
    with tf.GradientTape() as tape:
        maps, logits = both([images])
        if logits.shape[1] == 1:  # of two classes, for the second
            logits = tf.concat([-logits, logits], axis=1)
        score = logits[:, number]
    weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1))


{model_and_photo_code(pixel_seed, reading)}\
logits = model.predict(images, verbose=0)[0]
number = int(np.argmax(logits)) if len(logits) > 1 else int(logits[0] > 0)
volumes = [layer.name for layer in model.layers[2:] if len(layer.output.shape) == 4]
# The last layer with maps; a dense network has none.
for layer in volumes[-1:]:
    heat = grad_cam(images, number, layer)
    print(layer, heat.shape)
''')


def time_machine_code() -> str:
    """Code that loads the weights a run kept after each epoch, and prints the spread of its first weights."""
    return with_imports("""\
# In the run's folder: model.keras, and beside it epochs/0.weights.h5 and on.
model = keras.saving.load_model("model.keras")
# The first layer with filters, or with units.
first = next(layer for layer in model.layers if hasattr(layer, "kernel"))
epochs = sorted(int(file.name.split(".")[0]) for file in Path("epochs").glob("*.weights.h5"))
for epoch in epochs:
    model.load_weights(f"epochs/{epoch}.weights.h5")
    kernel = first.get_weights()[0]
    print(epoch, kernel.shape, kernel.std())
""")


def few_shot_code(base: Base, shrink: int) -> str:
    """Code that fits a logistic regression to a base's features of a few photos, and asks it about a new photo.

    Args:
        base: whose features are used.
        shrink: the app keeps photos at this many pixels a side.
    """
    shape = ", ".join(map(str, base.input_shape))
    if base.name == "mobilenet_v2":
        base_lines = f"""\
base = keras.applications.MobileNetV2(input_shape=({shape}), include_top=False, pooling="avg")
"""
    else:
        base_lines = f"""\
# The app's network for CIFAR-10 up to its last maps; run this in the project's folder.
whole = keras.saving.load_model("cnn/pretrained/{BUILT_FROM}/model.keras")
base = keras.Model(whole.inputs, keras.layers.GlobalMaxPooling2D()(whole.layers[-3].output))
"""
    scaled = "x / np.float32(127.5) - 1" if base.name == "mobilenet_v2" else "[x]"
    new = scaled.replace("x", "new")
    return with_imports(f"""\
{folder_code("my_photos", base.input_shape, shrink=shrink)}\
{base_lines}\
features = base.predict({scaled}, verbose=0)
# With enough photos of each class, every {HOLD_OUT_EVERY}th is kept to check the head with.
rank = np.array([np.sum(y[:i] == y[i]) for i in range(len(y))])
fitted = (rank % {HOLD_OUT_EVERY} != {HOLD_OUT_EVERY - 1}) | (np.bincount(y).min() < {MIN_PHOTOS_TO_HOLD_OUT})
head = LogisticRegression(C={INVERSE_REGULARIZATION}, max_iter=500).fit(features[fitted], y[fitted])
new = fit(shrink(read_photo("photo.jpg")), {shape})[None]
probabilities = head.predict_proba(base.predict({new}, verbose=0))
print(dict(zip(names, probabilities[0].round(2))))
""")
