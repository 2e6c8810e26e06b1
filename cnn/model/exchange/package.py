"""A model to take away: a ``.keras`` that carries its card, and a zip that predicts a photo on any computer."""

import io
import json
import pprint
import zipfile
from typing import Any

from cnn.data import catalog
from cnn.errors import ModelError
from cnn.model import store

CARD = "convnet_lab.json"  # the member of a .keras that says what Keras does not

_SCRIPT = '''\
"""What the network says to a photo: python predict.py photo.jpg"""
import pathlib, sys
import tensorflow as tf
from PIL import Image, ImageOps

model = tf.keras.models.load_model(pathlib.Path(__file__).with_name("model.keras"), compile=False)
names = {names}
# The photo the right way up, on white where it is transparent.
photo = ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("RGBA")
photo = Image.alpha_composite(Image.new("RGBA", photo.size, "white"), photo).convert("{mode}")
# The middle of it, as large as the network takes it: pixels of shape (1, {side}, {side}, {channels}), 0 to 255.
side = min(photo.size)
left, top = (photo.width - side) // 2, (photo.height - side) // 2
middle = photo.crop((left, top, left + side, top + side)).resize(({side}, {side}), Image.BILINEAR)
pixels = tf.keras.utils.img_to_array(middle, dtype="uint8")[None]
{shuffle}{probabilities}
for name, probability in zip(names, probabilities.numpy()):
    print(f"{{probability:.7f}} {{name}}")
'''
_PROBABILITIES = "probabilities = tf.nn.softmax(model(pixels, training=False)[0])"
_OF_ONE_LOGIT = """\
# For two classes there is one logit, that of the second; the first class's is then 0.
probabilities = tf.nn.softmax(tf.concat([[0.0], model(pixels, training=False)[0]], 0))"""
_SHUFFLE = """\
import numpy as np  # it learned from shuffled pixels, in this order
order = np.random.default_rng([{seed}, 2]).permutation({side} * {side})
pixels = pixels.reshape(1, -1, {channels})[:, order].reshape(pixels.shape)
"""
_README = """\
{title}: a network that tells apart {classes}.

model.keras      the network; load it with Keras 3, or bring it into another Convnet Lab (Models, Bring a model)
class_names.txt  what its answers mean, one a line, in its order
card.json        how it was trained, and how good it is: {correct} of {count} test images right
predict.py       python predict.py photo.jpg

predict.py needs Python 3.11, TensorFlow 2.21 and Pillow:  pip install tensorflow==2.21.0 pillow
It turns a photo the right way up, keeps the middle, makes it {height} x {width} pixels, and prints how probable each
class is.
The network takes pixels as whole numbers from 0 to 255 (uint8); do not divide them by 255.
"""


def card_for_export(card: store.Card) -> dict[str, Any]:
    """All that another machine must know of a model, as JSON.

    Returns:
        {"title", "card": the card as on disk, "own": what is known of a visitor's own data set, or None}.

    Raises:
        ModelError: the card cannot be read any more.
        DatasetError: its data set is not known here.
    """
    try:
        value = dict(json.loads((card.folder / "card.json").read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"The card of “{card.title}” is gone or damaged, so it cannot be taken away.") from error
    known = catalog.info(card.dataset)
    about = {"title": known.title, "train": known.train, "test": known.test, "validation": known.held_out}
    return {"title": card.title, "card": value, "own": about if known.own else None}


def keras_file_with_card(card: store.Card) -> bytes:
    """The model's ``.keras`` file with its card in it, which Keras passes over.

    Raises:
        ModelError, DatasetError: as ``card_for_export``.
    """
    text = _text(card_for_export(card))
    file = io.BytesIO(_model(card))
    with zipfile.ZipFile(file, "a") as packed:
        packed.writestr(CARD, text)
    return file.getvalue()


def predict_script(card: store.Card) -> str:
    """A program that predicts a photo with TensorFlow and Pillow alone, as the app does.

    It decodes photos of 8 bits as ``image_decoding.decode`` and resizes them as ``images.fit_to`` does for
    a square network, which all are here.
    """
    side, _, channels = card.input_shape
    shuffle = "" if card.pixel_seed is None else _SHUFFLE.format(seed=card.pixel_seed, side=side, channels=channels)
    return _SCRIPT.format(
        names=pprint.pformat(list(card.class_names), width=80, compact=True).replace("\n", "\n        "),
        mode="L" if channels == 1 else "RGB",
        side=side,
        channels=channels,
        shuffle=shuffle,
        probabilities=_OF_ONE_LOGIT if card.one_logit else _PROBABILITIES,
    )


def package(card: store.Card) -> bytes:
    """A zip with the model, its class names, its card, a script that predicts a photo, and a few lines about them.

    Raises:
        ModelError, DatasetError: as ``card_for_export``.
    """
    height, width, _ = card.input_shape
    names = ", ".join(card.class_names)
    readme = _README.format(
        title=card.title, classes=names, correct=card.test[0], count=card.test[1], height=height, width=width
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("README.txt", readme)
        packed.writestr("predict.py", predict_script(card))
        packed.writestr("class_names.txt", "\n".join(card.class_names) + "\n")
        packed.writestr("card.json", _text(card_for_export(card)))
        # Weights do not compress.
        packed.writestr("model.keras", keras_file_with_card(card), zipfile.ZIP_STORED)
    return file.getvalue()


def _model(card: store.Card) -> bytes:
    try:
        data = card.file.read_bytes()
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            packed.namelist()
        return data
    except (OSError, zipfile.BadZipFile) as error:
        raise ModelError(f"The file of “{card.title}” is gone or damaged, so it cannot be taken away.") from error


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)
