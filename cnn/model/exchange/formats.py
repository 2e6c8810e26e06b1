"""Converts a model to TFLite, plain or quantised, or to SavedModel, and compares the result with the original.

Exports of a run's model are in ``exports/`` beside it and are deleted with it; those of a pretrained model are in
``CNN_HOME/exports``. The result's JSON is written last, so it means that the export is complete.
"""

import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.data import catalog
from cnn.errors import DamagedFileError, ModelError
from cnn.files import write_json, write_whole
from cnn.home import home
from cnn.jobs import queue
from cnn.model import store
from cnn.model.exchange.package import keras_file_with_card
from cnn.model.predict import class_probabilities, predictor, to_model_input
from cnn.progress import Report, ShouldStop, progress, progress_meter, raise_if_stopped
from cnn.stored_files import number, read_arrays, read_object, text, whole

if TYPE_CHECKING:
    import keras

MAX_IMAGES = 500
BATCH = 50
ComputeLogits = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class ExportFormat:
    """A format that a model can be exported to.

    Attributes:
        title: display name.
        file: name of the exported file on this server.
        ending: what follows the model's title in the name under which it is taken away.
        about: what the format is good for, as shown to visitors.
    """

    title: str
    file: str
    ending: str
    about: str


FORMATS = {
    "tflite": ExportFormat(
        "TFLite",
        "model.tflite",
        ".tflite",
        "For phones and small computers. The weights are the same numbers (float32).",
    ),
    "quantised": ExportFormat(
        "TFLite, quantised",
        "model-quantised.tflite",
        ", quantised.tflite",
        "About a quarter of the size: large weights are rounded to 256 steps (8 bits, dynamic-range quantisation).",
    ),
    "saved-model": ExportFormat(
        "SavedModel",
        # Another name than in earlier versions, whose zip had no Keras file in it, or one that names own images.
        "saved_model_with_keras.zip",
        ", SavedModel.zip",
        "A folder, zipped, for TensorFlow Serving and for programs without Keras; the Keras file lies beside it, so "
        "this app can take the zip in again.",
    ),
}


@dataclass(frozen=True)
class ExportResult:
    """How well an exported model agrees with the original; the fields are also the keys of the JSON on disk.

    Attributes:
        bytes: size of the exported file.
        images: description of the images both models were compared on.
        count: number of these images.
        same: number of images for which both predict the same class.
        largest: largest difference between two probabilities, 0..1.
        created: ``created`` of the original's card, Unix time in seconds.
    """

    bytes: int
    images: str
    count: int
    same: int
    largest: float
    created: int


def export_result(card: store.Card, format_name: str) -> ExportResult | None:
    """The result of exporting this very model to a format of ``FORMATS``, or None if it was not exported."""
    try:
        value = read_object(_result_file(card, format_name))
        sizes = {name: whole(value, name, 0, store.MOST) for name in ("bytes", "count", "same", "created")}
        result = ExportResult(**sizes, images=text(value, "images"), largest=number(value, "largest", 0, 1))
    except DamagedFileError:
        return None
    return result if result.created == card.created and export_file(card, format_name).is_file() else None


def export_file(card: store.Card, format_name: str) -> Path:
    """Where the export of a model to a format of ``FORMATS`` is or will be."""
    return _folder(card) / FORMATS[format_name].file


def run_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """Run a job of kind ``export``.

    Args:
        settings: {"model": id, "form": one of ``FORMATS``}.

    Raises:
        ModelError: there is no such model or format, or the model cannot be converted.
        Stopped: ``should_stop`` returned True; nothing is kept.
    """
    format_name = str(settings["form"])
    if format_name not in FORMATS:
        raise ModelError(f"There is no format called “{format_name[:40]}”. Choose one of: {', '.join(FORMATS)}.")
    card = store.seen_by(store.card(str(settings["model"])), queue.workspace_of(folder))
    export(card, format_name, report, should_stop)


def export(card: store.Card, format_name: str, report: Report, should_stop: ShouldStop) -> ExportResult:
    """Convert a model, compare it with the original, and keep the converted file and the result.

    Args:
        format_name: one of ``FORMATS``.
        report: called with progress events.
        should_stop: checked before the conversion and before each batch of images.

    Raises:
        ModelError: the model is missing or damaged, or TensorFlow cannot convert it.
        Stopped: ``should_stop`` returned True; nothing is kept.
        OSError: the disk is full.

    Source: TensorFlow documentation, "Post-training quantization"; Keras documentation, ``Model.export``.
    """
    what = f"Converting to {FORMATS[format_name].title}"
    report(progress(what, 0, MAX_IMAGES, "images compared"))
    model = store.load_file(card)
    with tempfile.TemporaryDirectory(prefix="convnet-lab-") as name:
        file = Path(name) / FORMATS[format_name].file
        raise_if_stopped(should_stop)
        if format_name == "saved-model":
            compute_logits = _convert_to_saved_model(model, file)
            with zipfile.ZipFile(file, "a") as archive:
                archive.writestr("model.keras", keras_file_with_card(card))
        else:
            compute_logits = _convert_to_tflite(model, file, quantised=format_name == "quantised")
        images, description = _comparison_images(card)
        step = progress_meter(report, what, len(images), "images compared")
        same, largest = 0, 0.0
        predict = predictor(model, card.pixel_seed)
        for start in range(0, len(images), BATCH):
            raise_if_stopped(should_stop)
            batch = images[start : start + BATCH]
            original, converted = predict(batch), class_probabilities(compute_logits(to_model_input(card, batch)))
            same += int((original.argmax(axis=1) == converted.argmax(axis=1)).sum())
            largest = max(largest, float(np.abs(original - converted).max()))
            step(start + len(batch))
        result = ExportResult(file.stat().st_size, description, len(images), same, largest, card.created)
        store.card(card.id)  # raises if the run was deleted meanwhile, which must not come back
        _folder(card).mkdir(parents=True, exist_ok=True)
        write_whole(export_file(card, format_name), lambda path: path.write_bytes(file.read_bytes()))
    write_json(_result_file(card, format_name), asdict(result))
    return result


def _convert_to_tflite(model: "keras.Model", file: Path, *, quantised: bool) -> ComputeLogits:
    """Write a TFLite file, and return a function that runs it."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(_in_float32(model))
    if quantised:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    try:
        file.write_bytes(converter.convert())
    except OSError:
        raise
    except Exception as error:  # the converter documents no exceptions
        raise ModelError(
            "TensorFlow cannot convert this network to TFLite: it has a layer that TFLite lacks. Take the .keras file "
            "or the SavedModel."
        ) from error
    interpreter = tf.lite.Interpreter(str(file), num_threads=1)
    input_index = interpreter.get_input_details()[0]["index"]
    output_index = interpreter.get_output_details()[0]["index"]

    def compute_logits(images: np.ndarray) -> np.ndarray:
        interpreter.resize_tensor_input(input_index, images.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(input_index, images)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(output_index))

    return compute_logits


def _convert_to_saved_model(model: "keras.Model", file: Path) -> ComputeLogits:
    """Write a zipped SavedModel, and return a function that runs it."""
    import tensorflow as tf

    folder = file.with_name("saved_model")
    model.export(folder, verbose=False)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, Path(folder.name) / path.relative_to(folder))
    loaded = tf.saved_model.load(str(folder))
    (input_name,) = loaded.signatures["serving_default"].structured_input_signature[1]

    def compute_logits(images: np.ndarray) -> np.ndarray:
        # Looked up for every call, because a signature does not keep the model it belongs to alive.
        (logits,) = loaded.signatures["serving_default"](**{input_name: tf.constant(images)}).values()
        return np.asarray(logits)

    return compute_logits


def _in_float32(model: "keras.Model") -> "keras.Model":
    """The same network computing in float32, because TFLite has no bfloat16."""
    import keras

    if all(layer.compute_dtype == "float32" for layer in model.layers if layer.weights):
        return model
    copy = keras.models.model_from_json(model.to_json().replace('"mixed_bfloat16"', '"float32"'))
    copy.set_weights(model.get_weights())
    return copy


def _comparison_images(card: store.Card) -> tuple[np.ndarray, str]:
    """(images to compare on, uint8 (N, *card.input_shape), and their description)."""
    if catalog.is_known(card.dataset) and catalog.is_prepared(card.dataset):
        test = catalog.load(card.dataset, "test")
        indices = np.unique(np.linspace(0, len(test) - 1, min(MAX_IMAGES, len(test))).astype(np.int64))
        return test.fitted(indices, card.input_shape), "test images"
    try:
        watched = read_arrays(card.folder / "watched.npz", {"images": (None, *card.input_shape)})
        return watched["images"].astype(np.uint8), "validation images that its run has kept"
    except DamagedFileError:
        pass
    noise = np.random.default_rng(0).integers(0, 256, (100, *card.input_shape), dtype=np.uint8)
    return noise, "images of pure noise, because its data set is not prepared here"


def _folder(card: store.Card) -> Path:
    return card.folder / "exports" if card.workspace is not None else home() / "exports" / card.id


def _result_file(card: store.Card, format_name: str) -> Path:
    return _folder(card) / f"{format_name}.json"
