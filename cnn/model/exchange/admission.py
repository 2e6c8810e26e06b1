"""Imports model files from visitors: checks a file before Keras reads it, then loads it in a separate process.

A ``.keras`` file is a zip of a description (``config.json``) and weights. The description can name any Python class, so
only listed layers are admitted. A process with limited memory and time then loads the file and saves the model again,
so that only layers and weights of the original file are kept. Files without a card of this app are for ``foreign``.

Source: Keras documentation, "Save, serialize, and export models"; CVE-2024-3660 (Lambda layers).
"""

import json
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cnn.data import catalog
from cnn.data.image_decoding import shown_name
from cnn.data.own import own_datasets
from cnn.data.own.class_names import clean_name
from cnn.data.own.zip_reader import MAX_FILES
from cnn.errors import DatasetError, ModelError
from cnn.files import delete_old, write_json, write_whole
from cnn.home import home, new_id
from cnn.model.exchange.admission_process import ExpectedModel, load_in_subprocess
from cnn.model.exchange.keras_description import MAX_SIDE, flatten
from cnn.model.exchange.keras_layers import refuse_foreign_layers
from cnn.model.exchange.package import CARD, unpack
from cnn.progress import Report, ShouldStop

MAX_BYTES = 100 * 2**20
EXPECTED = "a .keras or .h5 file that Keras saved is expected"

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"

_MAX_JSON = 5 * 2**20
_MAX_UPLOAD_SECONDS = 24 * 3600.0
_ALLOWED_MEMBERS = {"config.json", "metadata.json", "model.weights.h5", CARD}


@dataclass(frozen=True)
class CheckedModel:
    """Contents of a model file that passed the check.

    Attributes:
        title: its title on the machine it comes from, safe to display.
        card: contents of ``card.json``, without those that are only known once the model is loaded.
        own: title and split sizes of the visitor's own data set, which need not be on this machine, or None.
    """

    title: str
    card: dict[str, Any]
    own: dict[str, Any] | None


def check_model_file(file: BinaryIO, name: str) -> CheckedModel | None:
    """Check a model file without loading the model or running any code from it.

    Args:
        file: opened for reading in binary mode, seekable.
        name: the visitor's file name; used in messages only.

    Returns:
        Its contents if this app has made it, or None: it may be a model of any Keras, which ``foreign`` looks at. An
        HDF5 file is not opened here.

    Raises:
        ModelError: it is too large, not a model, damaged, or unsafe; the message says which.
    """
    quoted_name = f"“{shown_name(name)}”"
    size = file.seek(0, 2)
    if size > MAX_BYTES:
        raise ModelError(f"{quoted_name} has {size / 2**20:,.0f} MB, and at most {MAX_BYTES // 2**20} MB can be taken.")
    file.seek(0)
    signature = file.read(8)
    if signature == HDF5_SIGNATURE:
        return None
    if signature[:2] != b"PK":
        raise ModelError(f"{quoted_name} is not a Keras model, whatever its name says, and {EXPECTED}.")
    try:
        with zipfile.ZipFile(file) as archive:
            config, exported = _read_members(archive, quoted_name)
    except ModelError:
        raise
    except (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ModelError(f"{quoted_name} is cut off or damaged; download it once more, and bring it again.") from error
    if exported is None:
        flatten(config, quoted_name)
        return None
    refuse_foreign_layers(config, quoted_name)
    try:
        return _check_card(exported)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ModelError(f"The card in {quoted_name} is damaged or was changed, and {EXPECTED}.") from error


def receive(file: BinaryIO, name: str) -> tuple[str, CheckedModel | None]:
    """Check a model file and store it until its job runs; uploads that no job has collected for a day are deleted.

    Args:
        file: a model file or a zip that this app has made of one, opened for reading in binary mode, seekable.
        name: the visitor's file name; used in messages only.

    Returns:
        (upload id, contents of the file or None, see ``check_model_file``).

    Raises:
        ModelError: the file is refused, see ``unpack`` and ``check_model_file``, or the disk is full.
    """
    file = unpack(file, name, MAX_BYTES)
    checked, id = check_model_file(file, name), new_id()
    file.seek(0)
    try:
        upload(id).parent.mkdir(parents=True, exist_ok=True)
        delete_old(upload(id).parent.glob("*.keras"), _MAX_UPLOAD_SECONDS)
        write_whole(upload(id), lambda path: path.write_bytes(file.read()))
    except OSError as error:
        raise ModelError(f"The model could not be kept ({error.strerror}); try again later.") from error
    return id, checked


def upload(id: str) -> Path:
    """Where a model file is stored until its job runs."""
    return home() / "brought" / f"{id}.keras"


def remember_own_dataset(checked: CheckedModel) -> None:
    """Store title and classes of the own data set that a model was trained on, if this machine does not have it.

    Raises:
        ModelError: this machine has that data set with other classes.
    """
    name = checked.card["dataset"]
    if checked.own is None:
        return
    try:
        dataset_info = own_datasets.info(name)
    except DatasetError:
        entry = {"class_names": checked.card["class_names"], "workspace": "", "created": time.time()}
        own_datasets.folder(name).mkdir(parents=True, exist_ok=True)
        write_json(own_datasets.folder(name) / "info.json", {**checked.own, **entry})
        return
    if list(dataset_info.class_names) != checked.card["class_names"]:
        raise ModelError(
            f"This model was changed: its classes are not those of “{dataset_info.title}”, which are known here."
        )


def run_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """Run a job of kind ``admit``: import an upload into the job's folder, which becomes the model's.

    The card is written last.

    Args:
        settings: {"upload": id from ``receive``, "file": the visitor's file name, "config": checked training settings}.

    Raises:
        ModelError: the file is refused; the message says why.
        Stopped: ``should_stop`` returned True.
    """
    source, name = upload(str(settings["upload"])), str(settings["file"])
    try:
        with source.open("rb") as file:
            checked = check_model_file(file, name)
        if checked is None:
            raise FileNotFoundError(source)
        remember_own_dataset(checked)
        expected = ExpectedModel(checked.card["input_shape"], len(checked.card["class_names"]))
        parameters = load_in_subprocess(source, folder, expected, f"“{shown_name(name)}”", report, should_stop)
    except FileNotFoundError as error:
        raise ModelError("The file is no longer here; bring it once more.") from error
    finally:
        source.unlink(missing_ok=True)
    size = (folder / "model.keras").stat().st_size
    facts = {"config": settings["config"], "parameters": parameters, "bytes": size, "created": round(time.time())}
    write_json(folder / "card.json", {**checked.card, **facts})


def _read_members(archive: zipfile.ZipFile, quoted_name: str) -> tuple[Any, Any]:
    """The parsed ``config.json`` and the parsed card of this app, or None if there is no card."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if "config.json" not in names and "model.keras" in names:
        raise ModelError(f"{quoted_name} is a zip with a model in it; unzip it, and bring the file model.keras.")
    if "config.json" not in names or "model.weights.h5" not in names:
        raise ModelError(f"{quoted_name} is a zip, but no Keras model is in it, and {EXPECTED}.")
    unexpected = next((name for name in names if name not in _ALLOWED_MEMBERS or names.count(name) > 1), None)
    if unexpected is not None:
        raise ModelError(
            f"{quoted_name} holds “{shown_name(unexpected)}”, which a model from this app does not, so it is refused."
        )
    sizes = {entry.filename: entry.file_size for entry in entries}
    # A zip of 100 KB can unpack to 100 MB; zipfile verifies the declared sizes as it reads.
    if sum(sizes.values()) > MAX_BYTES or any(sizes.get(name, 0) > _MAX_JSON for name in ("config.json", CARD)):
        raise ModelError(
            f"{quoted_name} would unpack to more than {MAX_BYTES // 2**20} MB, or a huge description: refused."
        )
    if archive.testzip() is not None:
        raise zipfile.BadZipFile("wrong checksum")
    try:
        return json.loads(archive.read("config.json")), json.loads(archive.read(CARD)) if CARD in names else None
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _check_card(exported: Any) -> CheckedModel:
    """Check what ``package.card_for_export`` wrote.

    Raises:
        ValueError, KeyError, TypeError, AttributeError, OverflowError: it is not as this app writes it.
    """
    value = exported["card"]
    name, classes = str(value["dataset"]), list(value["class_names"])
    is_own = own_datasets.is_own(name)
    if is_own:
        _require(2 <= len(classes) <= 20 and all(clean_name(str(label)) == label for label in classes))
    else:
        _require(catalog.is_known(name) and classes == list(catalog.info(name).class_names))
    shape = [_integer(side, 1, MAX_SIDE) for side in value["input_shape"]]
    _require(len(shape) == 3 and shape[2] in (1, 3))
    scores = {}
    for split in ("test", "validation"):
        count = _integer(value[split]["count"], 0, 10**7)
        scores[split] = {"correct": _integer(value[split]["correct"], 0, count), "count": count}
    seed = value.get("pixel_seed")
    card = {
        "dataset": name,
        "class_names": classes,
        "input_shape": shape,
        "architecture": shown_name(str(value["architecture"])),
        **scores,
        "exam_sealed": bool(value.get("exam_sealed", False)),
        "exam_opened": _integer(opened, 0, 2**40) if (opened := value.get("exam_opened")) is not None else None,
        "epochs": _integer(value["epochs"] if "epochs" in value else value["config"]["epochs"], 0, 10**6),
        "seconds": float(_integer(round(value["seconds"]), 0, 10**9)),
        "pixel_seed": None if seed is None else _integer(seed, 0, 2**31 - 1),
        "config": dict(value["config"]),
    }
    own = None
    if is_own:
        counts = {split: _integer(exported["own"][split], 0, MAX_FILES) for split in ("train", "test", "validation")}
        own = {"title": shown_name(str(exported["own"]["title"])), **counts}
    return CheckedModel(shown_name(str(exported["title"])), card, own)


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError("not as this app writes it")


def _integer(value: Any, low: int, high: int) -> int:
    _require(isinstance(value, int) and not isinstance(value, bool) and low <= value <= high)
    return int(value)
