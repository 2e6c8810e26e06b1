"""Short code examples that depend on few settings or none."""

from collections.abc import Sequence

from cnn.keras_code.model import probabilities_code


def load_model_code() -> str:
    """Load a model file and print its layers."""
    return 'import keras\n\nmodel = keras.saving.load_model("model.keras")\nmodel.summary()\n'


def predict_code(input_shape: tuple[int, int, int], class_names: Sequence[str], *, one_logit: bool) -> str:
    """Classify a photo.

    Args:
        input_shape: (height, width, channels) of the model's images.
        class_names: in the order of the model's outputs.
        one_logit: whether two classes share one logit.
    """
    return f'''import keras
import numpy as np
from PIL import Image

model = keras.saving.load_model("model.keras")  # from the Models page
height, width, channels = {input_shape}
photo = Image.open("photo.jpg").convert("{"L" if input_shape[2] == 1 else "RGB"}")
photo = photo.resize((width, height), Image.Resampling.BILINEAR)
image = np.asarray(photo, dtype="uint8").reshape(1, height, width, channels)  # one image, so the batch axis is 1
{probabilities_code("model(image)", one_logit=one_logit)}  # rescaling is a layer of the model
names = {list(class_names)}
print(names[int(np.argmax(probabilities))])'''


def feature_maps_code() -> str:
    """Compute the feature maps of every convolutional layer for a photo, and print their shapes."""
    return """\
import keras
import numpy as np
from PIL import Image

model = keras.saving.load_model("model.keras")  # from the Models page
height, width, channels = model.input_shape[1:]
photo = Image.open("photo.png").convert("L" if channels == 1 else "RGB").resize((width, height))
image = np.asarray(photo, dtype="uint8").reshape(1, height, width, channels)  # one image, so the batch axis is 1
maps_of = {layer.name: layer.output for layer in model.layers if len(layer.output.shape) == 4}
probe = keras.Model(model.inputs, maps_of)
for name, maps in probe(image).items():
    print(name, maps.shape)  # (batch, rows, columns, maps)"""


def grad_cam_code() -> str:
    """Define ``grad_cam``, which computes Grad-CAM heatmaps.

    Source: Selvaraju et al. (2017), arXiv:1610.02391.
    """
    return """\
import keras
import tensorflow as tf

model = keras.saving.load_model("model.keras")  # from the Models page


def grad_cam(images, number, layer):
    # images: uint8 (N, H, W, C); number: the class; layer: the name of a layer with maps, best the last
    # of a network with one logit for two classes: logits[:, 0] is the score of the second, its negative of the first
    both = keras.Model(model.inputs, [model.get_layer(layer).output, model.outputs[0]])
    with tf.GradientTape() as tape:
        maps, logits = both(images)
        score = logits[:, number]
    weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1))  # (N, h, w)"""


def evaluation_code(*, one_logit: bool) -> str:
    """Compute the confusion matrix, recall and precision on test images ``x_test`` with labels ``y_test``."""
    return f"""\
import keras
import numpy as np

model = keras.saving.load_model("model.keras")  # from the Models page
# x_test: uint8 images, y_test: their classes
{probabilities_code("model.predict(x_test, verbose=0)", one_logit=one_logit)}
answers = np.argmax(probabilities, axis=1)
table = np.zeros((probabilities.shape[1], probabilities.shape[1]), int)
np.add.at(table, (y_test, answers), 1)
print(table)  # row: the true class, column: what was said
print("recall", np.diag(table) / table.sum(axis=1))
print("precision", np.diag(table) / table.sum(axis=0))"""


def time_machine_code() -> str:
    """Load the weights that a run kept after each epoch, and print the spread of its first filters."""
    return """\
import keras

model = keras.saving.load_model("model.keras")  # the run's folder: beside it, epochs/0.weights.h5 and on
for epoch in range(3):
    model.load_weights(f"epochs/{epoch}.weights.h5")
    kernel = model.layers[2].get_weights()[0]  # the filters of the first convolution
    print(epoch, kernel.shape, kernel.std())"""


def few_shot_code() -> str:
    """Fit a logistic regression on MobileNetV2's features of a few photos."""
    return """\
import keras
import numpy as np
from sklearn.linear_model import LogisticRegression

photos = keras.utils.image_dataset_from_directory(  # a folder with a folder for each class
    "my_photos", image_size=(160, 160), crop_to_aspect_ratio=True, batch_size=None, shuffle=False
)
x, y = (np.stack(part) for part in zip(*photos.as_numpy_iterator()))
base = keras.applications.MobileNetV2(input_shape=(160, 160, 3), include_top=False, pooling="avg")
features = base.predict(keras.applications.mobilenet_v2.preprocess_input(x))
head = LogisticRegression(C=0.1, max_iter=500).fit(features, y)
print(head.predict_proba(features).round(2))"""
