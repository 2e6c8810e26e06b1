"""A model file that a visitor brings: checked before Keras sees it, then loaded in a process of its own.

A ``.keras`` is a zip of a description (``config.json``) and weights. The description may name any Python class, so only
the layers that this app builds with are let through. What passes is loaded by a process that may take little memory and
time, and saved anew by it: of the file that came, nothing stays but layers and weights.

Source: Keras documentation, "Save, serialize, and export models"; CVE-2024-3660 (Lambda layers).
"""

import json
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cnn.data import catalog
from cnn.data.image_decoding import shown_name
from cnn.data.own import own_datasets
from cnn.data.own.zip_reader import MAX_FILES
from cnn.errors import DatasetError, ModelError
from cnn.files import write_json, write_whole
from cnn.home import home, new_id
from cnn.model.exchange.admission_process import load_in_own_process
from cnn.model.exchange.package import CARD
from cnn.progress import Report, ShouldStop

MAX_BYTES = 100 * 2**20
MAX_SIDE = 512
EXPECTED = "a .keras file that was downloaded from this app is expected"

_MAX_JSON = 5 * 2**20
_FORGOTTEN_SECONDS = 24 * 3600.0
_MEMBERS = {"config.json", "metadata.json", "model.weights.h5", CARD}
# Any of these can be in a network of ours, and none of them runs code from the file.
_LAYERS = (
    *("Activation", "Add", "AveragePooling2D", "BatchNormalization", "Concatenate", "Conv2D", "Dense"),
    *("DepthwiseConv2D", "Dropout", "Flatten", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "InputLayer"),
    *("MaxPooling2D", "ReLU", "Rescaling", "SeparableConv2D", "ZeroPadding2D"),
)
_ALLOWED = {
    *(("keras.layers", name, None) for name in _LAYERS),
    *(("keras.initializers", name, None) for name in ("GlorotUniform", "HeNormal", "HeUniform", "Ones", "Zeros")),
    ("keras", "DTypePolicy", None),
    ("keras.src.models.functional", "Functional", "Functional"),
    (None, "__keras_tensor__", None),
}


@dataclass(frozen=True)
class CheckedModel:
    """A checked model file.

    Attributes:
        title: what it was called where it was made, fit to be shown.
        card: what ``card.json`` will be, but for the number of parameters, which is counted.
        own: title and counts of a visitor's own data set, which need not be on this machine, or None.
    """

    title: str
    card: dict[str, Any]
    own: dict[str, Any] | None


def check_model_file(file: BinaryIO, name: str) -> CheckedModel:
    """Look at a model file without running or loading any of it.

    Args:
        file: opened for reading, with ``seek``.
        name: of the file, from the visitor; used in messages only.

    Raises:
        ModelError: it is too large, no model, not one of ours, damaged, or unsafe; one sentence says which.
    """
    shown = f"“{shown_name(name)}”"
    size = file.seek(0, 2)
    if size > MAX_BYTES:
        raise ModelError(f"{shown} has {size / 2**20:,.0f} MB, and at most {MAX_BYTES // 2**20} MB can be taken.")
    file.seek(0)
    start = file.read(8)
    if start == b"\x89HDF\r\n\x1a\n":
        raise ModelError(f"{shown} is in the older format of Keras (HDF5, .h5), and {EXPECTED}.")
    if start[:2] != b"PK":
        raise ModelError(f"{shown} is not a Keras model, whatever its name says, and {EXPECTED}.")
    try:
        with zipfile.ZipFile(file) as packed:
            config, told = _members(packed, shown)
    except ModelError:
        raise
    except (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ModelError(f"{shown} is cut off or damaged; download it once more, and bring it again.") from error
    _refuse_foreign_layers(config, shown)
    if told is None:
        raise ModelError(
            f"{shown} is a Keras model, but not one from this app: it lacks the card with its class names and the size "
            f"of its images, and {EXPECTED}."
        )
    try:
        return _brought(told)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ModelError(f"The card in {shown} is damaged or was changed, and {EXPECTED}.") from error


def receive(file: BinaryIO, name: str) -> tuple[str, CheckedModel]:
    """Check a model file and keep it until its job takes it in.

    Returns:
        (the id of what is kept, what the file says of itself).

    Raises:
        ModelError: refused, see ``check_model_file``, or the disk is full.
    """
    brought, id = check_model_file(file, name), new_id()
    file.seek(0)
    try:
        upload(id).parent.mkdir(parents=True, exist_ok=True)
        for old in upload(id).parent.glob("*.keras"):
            if time.time() - old.stat().st_mtime > _FORGOTTEN_SECONDS:
                old.unlink(missing_ok=True)
        write_whole(upload(id), lambda path: path.write_bytes(file.read()))
    except OSError as error:
        raise ModelError(f"The model could not be kept ({error.strerror}); try again later.") from error
    return id, brought


def upload(id: str) -> Path:
    """Where a model file waits for its job."""
    return home() / "brought" / f"{id}.keras"


def remember_own_dataset(brought: CheckedModel) -> None:
    """Remember title and classes of the own images that a model learned from, where this machine lacks them.

    Raises:
        ModelError: this machine knows them, with other classes.
    """
    name = brought.card["dataset"]
    if brought.own is None:
        return
    try:
        known = own_datasets.info(name)
    except DatasetError:
        about = {"class_names": brought.card["class_names"], "workspace": "", "created": time.time()}
        own_datasets.folder(name).mkdir(parents=True, exist_ok=True)
        write_json(own_datasets.folder(name) / "info.json", {**brought.own, **about})
        return
    if list(known.class_names) != brought.card["class_names"]:
        raise ModelError(f"This model was changed: its classes are not those of “{known.title}”, which are known here.")


def run_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """Take in what ``receive`` has kept: the job's folder becomes the model's, its card written last.

    Args:
        settings: {"upload": of ``receive``, "file": its name, "config": the settings of its training, checked}.

    Raises:
        ModelError: refused, with the reason.
        Stopped: ``should_stop`` said so.
    """
    source, name = upload(str(settings["upload"])), str(settings["file"])
    try:
        with source.open("rb") as file:
            brought = check_model_file(file, name)
        remember_own_dataset(brought)
        card = brought.card
        shape, classes = card["input_shape"], len(card["class_names"])
        parameters = load_in_own_process(source, folder, shape, classes, f"“{shown_name(name)}”", report, should_stop)
    except FileNotFoundError as error:
        raise ModelError("The file is no longer here; bring it once more.") from error
    finally:
        source.unlink(missing_ok=True)
    size = (folder / "model.keras").stat().st_size
    more = {"config": settings["config"], "parameters": parameters, "bytes": size, "created": round(time.time())}
    write_json(folder / "card.json", {**brought.card, **more})


def _members(packed: zipfile.ZipFile, shown: str) -> tuple[Any, Any]:
    """config.json, and our card or None."""
    entries = packed.infolist()
    names = [entry.filename for entry in entries]
    if "config.json" not in names and "model.keras" in names:
        raise ModelError(f"{shown} is a zip with a model in it; unzip it, and bring the file model.keras.")
    if "config.json" not in names or "model.weights.h5" not in names:
        raise ModelError(f"{shown} is a zip, but no Keras model is in it, and {EXPECTED}.")
    strange = next((name for name in names if name not in _MEMBERS or names.count(name) > 1), None)
    if strange is not None:
        raise ModelError(
            f"{shown} holds “{shown_name(strange)}”, which a model from this app does not, so it is refused."
        )
    sizes = {entry.filename: entry.file_size for entry in entries}
    # A zip of 100 KB can unpack to 100 MB; what it says of its own size is checked by zipfile as it reads.
    if sum(sizes.values()) > MAX_BYTES or any(sizes.get(name, 0) > _MAX_JSON for name in ("config.json", CARD)):
        raise ModelError(f"{shown} would unpack to more than {MAX_BYTES // 2**20} MB, or a huge description: refused.")
    if packed.testzip() is not None:
        raise zipfile.BadZipFile("checksum")
    try:
        return json.loads(packed.read("config.json")), json.loads(packed.read(CARD)) if CARD in names else None
    except RecursionError as error:
        raise ValueError("nested without end") from error


def _refuse_foreign_layers(config: Any, shown: str) -> None:
    if not isinstance(config, dict) or config.get("class_name") != "Functional":
        what = str(config.get("class_name")) if isinstance(config, dict) else "something else"
        raise ModelError(
            f"{shown} is not a network of ours but “{shown_name(what)}”, which may run code of its own: refused."
        )
    # The optimizer is never loaded: models are loaded to be asked.
    for part in _parts({key: value for key, value in config.items() if key != "compile_config"}):
        name, module = part.get("class_name"), part.get("module")
        if name == "Lambda":
            raise ModelError(
                f"{shown} has a Lambda layer, which is program code and could do anything on this server: refused."
            )
        if not all(isinstance(value, str | None) for value in (name, module, part.get("registered_name"))):
            raise ModelError(f"The description of the layers in {shown} is damaged or was changed: refused.")
        if (module, name, part.get("registered_name")) not in _ALLOWED:
            where = f" from “{shown_name(str(module))}”" if module not in (None, "keras.layers") else ""
            asked = shown_name(str(part.get("registered_name") or name))
            raise ModelError(
                f"{shown} needs “{asked}”{where}, which is not among the layers this app builds with and may run code "
                "of its own: refused."
            )


def _parts(config: Any) -> Iterator[dict[str, Any]]:
    """Every part of a description that Keras would make an object of."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "class_name" in value or "module" in value or "registered_name" in value:
                yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _brought(told: Any) -> CheckedModel:
    value = told["card"]
    name, classes = str(value["dataset"]), list(value["class_names"])
    mine = own_datasets.is_own(name)
    if mine:
        _must(2 <= len(classes) <= 20 and all(shown_name(str(label)) == label for label in classes))
    else:
        _must(catalog.is_known(name) and classes == list(catalog.info(name).class_names))
    shape = [_whole(side, 1, MAX_SIDE) for side in value["input_shape"]]
    _must(len(shape) == 3 and shape[2] in (1, 3))
    exams = {}
    for exam in ("test", "validation"):
        count = _whole(value[exam]["count"], 0, 10**7)
        exams[exam] = {"correct": _whole(value[exam]["correct"], 0, count), "count": count}
    seed = value.get("pixel_seed")
    card = {
        "dataset": name,
        "class_names": classes,
        "input_shape": shape,
        "architecture": shown_name(str(value["architecture"])),
        **exams,
        "epochs": _whole(value["epochs"] if "epochs" in value else value["config"]["epochs"], 0, 10**6),
        "seconds": float(_whole(round(value["seconds"]), 0, 10**9)),
        "pixel_seed": None if seed is None else _whole(seed, 0, 2**31 - 1),
        "config": dict(value["config"]),
    }
    about = None
    if mine:
        counts = {part: _whole(told["own"][part], 1, MAX_FILES) for part in ("train", "test", "validation")}
        about = {"title": shown_name(str(told["own"]["title"])), **counts}
    return CheckedModel(shown_name(str(told["title"])), card, about)


def _must(true: bool) -> None:
    if not true:
        raise ValueError("not as this app writes it")


def _whole(value: Any, low: int, high: int) -> int:
    _must(isinstance(value, int) and not isinstance(value, bool) and low <= value <= high)
    return int(value)
