"""A model as a ``.keras`` file with its card inside and as a zip with a prediction script, and out of the zip again."""

import io
import json
import pprint
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from cnn.data import catalog, photo_code
from cnn.data.image_decoding import shown_name
from cnn.data.own.set_folders import closed_name
from cnn.errors import DamagedFileError, ModelError
from cnn.model import store
from cnn.model.exchange.older_keras import for_older_keras
from cnn.model.final_exam import read_final_exam
from cnn.stored_files import read_object

KERAS = "3.15.1"  # the version that requirements.txt pins
CARD = "convnet_lab.json"  # the card's name inside a .keras file

_SCRIPT = '''\
"""What the network says to a photo: python predict.py photo.jpg"""
import pathlib, sys

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps


{reading}

model = tf.keras.models.load_model(pathlib.Path(__file__).with_name("model.keras"), compile=False)
names = {names}
# One photo, as the network takes it: pixels of shape (1, {height}, {width}, {channels}), 0 to 255.
pixels = fit(read_photo(sys.argv[1]), {height}, {width}, {channels})[None]
{permute}{probabilities}
for name, probability in zip(names, probabilities.numpy()):
    print(f"{{probability:.7f}} {{name}}")
'''
_SOFTMAX = "probabilities = tf.nn.softmax(model.predict(pixels, verbose=0)[0])"
_SOFTMAX_OF_ONE_LOGIT = """\
# For two classes there is one logit, that of the second; the first class's is then 0.
probabilities = tf.nn.softmax(tf.concat([[0.0], model.predict(pixels, verbose=0)[0]], 0))"""
_PERMUTE_PIXELS = """\
# The network has learned from pixels in this order.
order = np.random.default_rng([{seed}, 2]).permutation({height} * {width})
pixels = pixels.reshape(1, -1, {channels})[:, order].reshape(pixels.shape)
"""
_README = """\
{title}: a network that tells apart {classes}.

model.keras      the network; load it with Keras 3, or import it into another Convnet Lab (Models, Import a model)
class_names.txt  what its answers mean, one a line, in its order
card.json        how it was trained, and how good it is: {score}
predict.py       python predict.py photo.jpg

predict.py needs Python 3.11, TensorFlow 2.21, Keras and Pillow:
pip install tensorflow==2.21.0 keras=={keras} pillow
(Keras 3.10 to {keras} open the file as well.)
It turns a photo the right way up, keeps the middle, makes it {height} x {width} pixels, and prints how probable each
class is.
The network takes pixels as whole numbers from 0 to 255 (uint8); do not divide them by 255.
"""


def card_for_export(card: store.Card) -> dict[str, Any]:
    """Everything another machine has to know about a model, as JSON types.

    Returns:
        {"title", "card": the card as on disk, with the date on which its final exam was opened, "own": title and split
        sizes of a visitor's own data set, or None}. An own data set has its closed name.

    Raises:
        ModelError: the card can no longer be read.
        DatasetError: this machine does not have its data set.
    """
    try:
        value = read_object(card.folder / "card.json")
    except DamagedFileError as error:
        raise ModelError(f"The card of “{card.title}” is gone or damaged, so it cannot be taken away.") from error
    if (opened := read_final_exam(card).opened) is not None:
        value |= {"exam_sealed": False, "exam_opened": opened}
    dataset_info = catalog.info(card.dataset)
    own = None
    if dataset_info.own:
        value["dataset"] = closed_name(card.dataset)
        if "dataset" in value["config"]:
            value["config"] = {**value["config"], "dataset": value["dataset"]}
        counts = {"train": dataset_info.train, "test": dataset_info.test, "validation": dataset_info.held_out}
        own = {"title": dataset_info.title, **counts}
    return {"title": card.title, "card": value, "own": own}


def keras_file_with_card(card: store.Card) -> bytes:
    """The model's ``.keras`` file with its card added, which Keras ignores.

    Raises:
        ModelError, DatasetError: as ``card_for_export``.
    """
    text = _json_text(card_for_export(card))
    file = io.BytesIO(_model_bytes(card))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(CARD, text)
    return file.getvalue()


def predict_script(card: store.Card) -> str:
    """A script that predicts a photo as the app does, with TensorFlow and Pillow alone.

    It reads photos with the code that pages show, see ``photo_code``.
    """
    height, width, channels = card.input_shape
    permute = ""
    if card.pixel_seed is not None:
        permute = _PERMUTE_PIXELS.format(seed=card.pixel_seed, height=height, width=width, channels=channels)
    return _SCRIPT.format(
        names=pprint.pformat(list(card.class_names), width=80, compact=True).replace("\n", "\n        "),
        reading=photo_code.READ_AND_FIT,
        height=height,
        width=width,
        channels=channels,
        permute=permute,
        probabilities=_SOFTMAX_OF_ONE_LOGIT if card.one_logit else _SOFTMAX,
    )


def package(card: store.Card) -> bytes:
    """A zip of the model, its class names, its card, a prediction script, and a README.

    Raises:
        ModelError, DatasetError: as ``card_for_export``.
    """
    height, width, _ = card.input_shape
    names = ", ".join(card.class_names)
    readme = _README.format(
        title=card.title, classes=names, score=_score(card), height=height, width=width, keras=KERAS
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", readme)
        archive.writestr("predict.py", predict_script(card))
        archive.writestr("class_names.txt", "\n".join(card.class_names) + "\n")
        archive.writestr("card.json", _json_text(card_for_export(card)))
        # Weights hardly compress.
        archive.writestr("model.keras", keras_file_with_card(card), zipfile.ZIP_STORED)
    return file.getvalue()


def unpack(file: BinaryIO, name: str, most: int) -> BinaryIO:
    """The model file in a zip that this app has made; any other file as it is, for ``admission`` to judge.

    Args:
        file: opened for reading in binary mode, seekable.
        name: the visitor's file name; used in messages only.
        most: bytes that the model file may have.

    Raises:
        ModelError: the zip holds several models, one that is too large, or is damaged; or the file is of TFLite, or a
            SavedModel with no Keras file beside it.
    """
    quoted_name = f"“{shown_name(name)}”"
    file.seek(4)
    if file.read(4) == b"TFL3":
        raise ModelError(
            f"{quoted_name} is a TFLite file. It is made for using a network elsewhere, and Keras cannot read it back; "
            "bring the .keras file or the zip of the same model."
        )
    if not zipfile.is_zipfile(file):
        return file
    try:
        with zipfile.ZipFile(file) as archive:
            members = [entry for entry in archive.infolist() if entry.filename.endswith(".keras")]
            if not members and any(PurePosixPath(member).name == "saved_model.pb" for member in archive.namelist()):
                raise ModelError(
                    f"{quoted_name} is a TensorFlow SavedModel, as model.export writes it. It holds what the network "
                    "computes but not its layers, so Keras cannot read it back, and a .keras or .h5 file is expected: "
                    'in the program that made it, call model.save("model.keras"), and bring that file.'
                )
            if len(members) > 1:
                raise ModelError(f"{quoted_name} holds {len(members)} models. Unzip it, and bring one of them.")
            if not members:
                return file
            if members[0].file_size > most:
                raise ModelError(
                    f"The model in {quoted_name} has {members[0].file_size / 2**20:,.0f} MB, and at most "
                    f"{most // 2**20} MB can be taken."
                )
            return io.BytesIO(archive.read(members[0]))
    except (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ModelError(f"{quoted_name} is cut off or damaged; download it once more, and bring it again.") from error


def _score(card: store.Card) -> str:
    """How good a model is, in words: its score on validation images, and on test images if its exam is open."""
    if not card.measured:
        return "not measured"
    score = "{} of {} validation images right".format(*card.validation)
    if card.examined and read_final_exam(card).opened is not None:
        score += ", {} of {} test images".format(*card.test)
    return score


def _model_bytes(card: store.Card) -> bytes:
    try:
        return for_older_keras(card.file.read_bytes())
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"The file of “{card.title}” is gone or damaged, so it cannot be taken away.") from error


def _json_text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)
