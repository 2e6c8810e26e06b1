"""A model in other formats: TFLite, as it is and with small weights, and SavedModel; each compared with the original.

What was made lies beside a run's model, in ``exports/``, and goes with it; for a pretrained model it lies in
``CNN_HOME/exports``. A format's facts are written last, so a format with facts is whole.
"""

import json
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.data import catalog
from cnn.errors import ModelError
from cnn.files import write_json, write_whole
from cnn.home import home
from cnn.model import store
from cnn.model.predict import as_layers_get_it, class_probabilities, predictor
from cnn.progress import Report, ShouldStop, progress, progress_meter, raise_if_stopped

if TYPE_CHECKING:
    import keras

MAX_IMAGES = 500
BATCH = 50
Logits = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class ExportFormat:
    """A format that a model can be had in.

    Attributes:
        file: the name of its file.
        about: what it is good for, for a person.
    """

    title: str
    file: str
    about: str


FORMATS = {
    "tflite": ExportFormat(
        "TFLite",
        "model.tflite",
        "For phones and small computers. The weights are the same numbers (float32).",
    ),
    "quantised": ExportFormat(
        "TFLite, quantised",
        "model-quantised.tflite",
        "About a quarter of the size: large weights are rounded to 256 steps (8 bits, dynamic-range quantisation).",
    ),
    "saved-model": ExportFormat(
        "SavedModel",
        "saved_model.zip",
        "A folder, zipped, for TensorFlow Serving and for programs without Keras.",
    ),
}


@dataclass(frozen=True)
class ExportResult:
    """A model in another format, and how well it agrees with the original.

    Attributes:
        bytes: size of the file.
        images: which images both were asked about, in words.
        count: how many.
        same: on how many of them both name the same class.
        largest: the largest difference between two probabilities, 0..1.
        created: of the model it was made from, unix seconds.
    """

    bytes: int
    images: str
    count: int
    same: int
    largest: float
    created: int


def export_result(card: store.Card, form: str) -> ExportResult | None:
    """What is known of a model in a format of ``FORMATS``, or None while it was not made."""
    try:
        found = ExportResult(**json.loads(_facts(card, form).read_text()))
        return found if found.created == card.created and export_file(card, form).is_file() else None
    except (OSError, ValueError, TypeError):
        return None


def export_file(card: store.Card, form: str) -> Path:
    """Where a model in a format of ``FORMATS`` is or will be."""
    return _folder(card) / FORMATS[form].file


def run_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """The job of kind ``export``: ``settings`` is {"model": id, "form": one of ``FORMATS``}.

    Raises:
        ModelError: there is no such model or format, or the model cannot be converted.
        Stopped: ``should_stop`` said so; nothing is kept.
    """
    form = str(settings["form"])
    if form not in FORMATS:
        raise ModelError(f"There is no format called “{form[:40]}”. Choose one of: {', '.join(FORMATS)}.")
    card = store.card(str(settings["model"]))
    export(card, form, report, should_stop)


def export(card: store.Card, form: str, report: Report, should_stop: ShouldStop) -> ExportResult:
    """Convert a model, compare it with the original, and keep both the file and what was measured.

    Args:
        form: one of ``FORMATS``.
        report: called with progress events.
        should_stop: asked before each step and each batch of images.

    Raises:
        ModelError: the model is gone or damaged, or TensorFlow cannot convert it.
        Stopped: ``should_stop`` said so.
        OSError: the disk is full.

    Source: TensorFlow documentation, "Post-training quantization"; Keras documentation, ``Model.export``.
    """
    what = f"Converting to {FORMATS[form].title}"
    report(progress(what, 0, MAX_IMAGES, "images compared"))
    model = store.load_file(card)
    with tempfile.TemporaryDirectory(prefix="convnet-lab-") as name:
        made = Path(name) / FORMATS[form].file
        raise_if_stopped(should_stop)
        run = (
            _saved_model(model, made) if form == "saved-model" else _tflite(model, made, quantised=form == "quantised")
        )
        images, described = _images(card)
        answer, same, largest = predictor(model, card.pixel_seed), 0, 0.0
        step = progress_meter(report, what, len(images), "images compared")
        for start in range(0, len(images), BATCH):
            raise_if_stopped(should_stop)
            part = images[start : start + BATCH]
            original, converted = answer(part), class_probabilities(run(as_layers_get_it(card, part)))
            same += int((original.argmax(axis=1) == converted.argmax(axis=1)).sum())
            largest = max(largest, float(np.abs(original - converted).max()))
            step(start + len(part))
        facts = ExportResult(made.stat().st_size, described, len(images), same, largest, card.created)
        store.card(card.id)  # asked again: a run may be deleted meanwhile, and stays deleted
        _folder(card).mkdir(parents=True, exist_ok=True)
        write_whole(export_file(card, form), lambda path: path.write_bytes(made.read_bytes()))
    write_json(_facts(card, form), asdict(facts))
    return facts


def _tflite(model: "keras.Model", made: Path, *, quantised: bool) -> Logits:
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(_in_float32(model))
    if quantised:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    try:
        made.write_bytes(converter.convert())
    except OSError:
        raise
    except Exception as error:  # the converter raises whatever its passes raise
        raise ModelError(
            "TensorFlow cannot convert this network to TFLite: it has a layer that TFLite lacks. Take the .keras file "
            "or the SavedModel."
        ) from error
    interpreter = tf.lite.Interpreter(str(made), num_threads=1)
    place = interpreter.get_input_details()[0]["index"]

    def logits(images: np.ndarray) -> np.ndarray:
        interpreter.resize_tensor_input(place, images.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(place, images)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))

    return logits


def _saved_model(model: "keras.Model", made: Path) -> Logits:
    import tensorflow as tf

    folder = made.with_name("saved_model")
    model.export(folder, verbose=False)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, Path(folder.name) / path.relative_to(folder))
    loaded = tf.saved_model.load(str(folder))
    serve = loaded.signatures["serving_default"]
    (name,) = serve.structured_input_signature[1]

    def logits(images: np.ndarray) -> np.ndarray:
        # The function lives only as long as what it was loaded with.
        (answer,) = loaded.signatures["serving_default"](**{name: tf.constant(images)}).values()
        return np.asarray(answer)

    return logits


def _in_float32(model: "keras.Model") -> "keras.Model":
    """The same network, computing in float32: TFLite has no bfloat16."""
    import keras

    if all(layer.compute_dtype == "float32" for layer in model.layers if layer.weights):
        return model
    same = keras.models.model_from_json(model.to_json().replace('"mixed_bfloat16"', '"float32"'))
    same.set_weights(model.get_weights())
    return same


def _images(card: store.Card) -> tuple[np.ndarray, str]:
    """Images to compare on, uint8 (N, *card.input_shape), and what they are in words."""
    if catalog.is_known(card.dataset) and catalog.is_prepared(card.dataset):
        test = catalog.load(card.dataset, "test")
        places = np.unique(np.linspace(0, len(test) - 1, min(MAX_IMAGES, len(test))).astype(np.int64))
        return test.fitted(places, card.input_shape), "test images"
    try:
        with np.load(card.folder / "watched.npz") as kept:
            if kept["images"].shape[1:] == card.input_shape:
                return kept["images"], "held-out images that its run has kept"
    except (OSError, ValueError, KeyError):
        pass
    made = np.random.default_rng(0).integers(0, 256, (100, *card.input_shape), dtype=np.uint8)
    return made, "images of pure noise, because its data set is not prepared here"


def _folder(card: store.Card) -> Path:
    return card.folder / "exports" if card.workspace is not None else home() / "exports" / card.id


def _facts(card: store.Card, form: str) -> Path:
    return _folder(card) / f"{form}.json"
