"""Brings in a network that any Keras has saved, in two jobs: look at the file, then keep it with what was asked.

The first, of kind ``inspect``, rebuilds the network in a separate process; the page then asks what the file does not
say, and tries the network. The second, of kind ``keep``, makes a model of it. Until then it is in the first job's
folder, which is in no list of models.

Source: Keras documentation, "Save, serialize, and export models".
"""

import json
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.data import catalog
from cnn.data.image_decoding import shown_name
from cnn.data.own import own_datasets
from cnn.errors import ConfigError, ModelError
from cnn.files import write_json, write_whole
from cnn.home import new_id
from cnn.jobs import queue
from cnn.model import store
from cnn.model.exchange.confinement import run_confined
from cnn.model.exchange.pixel_scaling import scale_pixels
from cnn.model.exchange.understood import FILE, Understood, from_json, read_understood
from cnn.model.predict import predictor
from cnn.progress import Report, ShouldStop, progress_meter, raise_if_stopped

if TYPE_CHECKING:
    import keras

MODEL = "model.keras"
BATCH = 50

_MODULE = "cnn.model.exchange.foreign_process"


def inspect(source: Path, folder: Path, quoted_name: str, report: Report, should_stop: ShouldStop) -> Understood:
    """Rebuild the network of a file in a separate process, into ``folder``: ``model.keras`` and ``understood.json``.

    Args:
        source: a file that ``admission.check_model_file`` let pass.
        quoted_name: name of the file, in quotation marks, for messages.

    Raises:
        ModelError: it is refused; the message says why.
        Stopped: ``should_stop`` returned True.
    """
    arguments = [str(source.resolve()), str(folder.resolve()), quoted_name]
    result = run_confined(_MODULE, arguments, folder / "rebuilt.json", quoted_name, report, should_stop)
    if result["sentence"]:
        raise ModelError(result["sentence"])
    understood = from_json(result["understood"])
    write_json(folder / FILE, result["understood"])
    return understood


def candidate(folder: Path, pixels: str) -> "keras.Model":
    """A network that was looked at, scaling its pixels as asked.

    Raises:
        ConfigError, ModelError: there is no such scaling, it does not suit the network, or the network is gone.
    """
    import keras

    try:
        model = keras.saving.load_model(folder / MODEL, compile=False, safe_mode=True)
    except (OSError, ValueError) as error:
        raise ModelError("The network that was brought is no longer here; bring the file once more.") from error
    scale_pixels(model, pixels)
    return model


def check_class_names(names: list[str], understood: Understood) -> list[str]:
    """Names of classes as a person typed them, without blanks around them.

    Raises:
        ConfigError: there are too few or too many, one is empty, or two are the same.
    """
    names = [" ".join(name.split()) for name in names]
    if len(names) != understood.classes:
        raise ConfigError(
            f"Received {len(names)} names of classes, and this network has {understood.classes}; give one for each, in "
            "the order in which it was trained."
        )
    changed = next((name for name in names if not name or shown_name(name) != name), None)
    if changed is not None:
        raise ConfigError(
            f"“{shown_name(changed)}” cannot be the name of a class: letters, digits, blanks and .,-_+% are expected, "
            "40 at most."
        )
    if len(set(names)) < len(names):
        raise ConfigError("Two classes have the same name; give each a name of its own.")
    return names


def matching_dataset(class_names: list[str]) -> str | None:
    """The public data set with exactly these classes in this order, or None."""
    wanted = [name.casefold() for name in class_names]
    found = (name for name in catalog.names() if [c.casefold() for c in catalog.info(name).class_names] == wanted)
    return next(found, None)


def keep(
    looked_at: Path, folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop
) -> dict[str, Any]:
    """Make a model of a network that was looked at; if its data set is here, it is asked about its test images.

    Args:
        looked_at: folder of ``inspect``.
        folder: the model's; the card is written last.
        settings: {"class_names", "pixels", "dataset": name or None, "file": the visitor's file name}.

    Returns:
        The card.

    Raises:
        ConfigError, ModelError: the settings do not suit the network; the message says why.
        Stopped: ``should_stop`` returned True.
    """
    understood = read_understood(looked_at)
    file = shown_name(str(settings["file"]))
    pixels, dataset = str(settings["pixels"]), settings["dataset"]
    class_names = check_class_names(list(settings["class_names"]), understood) if dataset is None else []
    if dataset is not None and len(catalog.info(dataset).class_names) != understood.classes:
        raise ConfigError(f"{catalog.info(dataset).title} has other classes than this network; name its classes.")
    model = candidate(looked_at, pixels)
    write_whole(folder / MODEL, model.save)
    dataset = dataset or _remember_classes(file, class_names)
    scores = {split: {"correct": 0, "count": 0} for split in ("validation", "test")}
    if catalog.is_prepared(dataset):
        scores = {split: _ask(model, dataset, split, folder, report, should_stop) for split in scores}
    brought = {"file": file, "pixels": pixels, "ending": understood.ending, "keras": understood.version}
    card = {
        "dataset": dataset,
        "class_names": list(catalog.info(dataset).class_names),
        "input_shape": list(understood.input_shape),
        "architecture": understood.name or "brought",
        "parameters": understood.parameters,
        **scores,
        "exam_sealed": True,
        "epochs": 0,
        "seconds": 0.0,
        "config": {"brought": brought, "one_logit": understood.outputs == 1},
        "bytes": (folder / MODEL).stat().st_size,
        "created": round(time.time()),
    }
    write_json(folder / "card.json", card)
    return card


def run_inspect_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """Run a job of kind ``inspect``.

    Args:
        settings: {"upload": id of the upload, "file": the visitor's file name}.

    Raises:
        ModelError, Stopped: as ``inspect``; the upload is deleted in any case.
    """
    from cnn.model.exchange.admission import upload

    source = upload(str(settings["upload"]))
    try:
        if not source.is_file():
            raise ModelError("The file is no longer here; bring it once more.")
        inspect(source, folder, f"“{shown_name(str(settings['file']))}”", report, should_stop)
    finally:
        source.unlink(missing_ok=True)


def run_keep_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """Run a job of kind ``keep``.

    Args:
        settings: as for ``keep``, and "inspected": the id of the job that looked at the network.

    Raises:
        ConfigError, ModelError, Stopped: as ``keep``.
    """
    inspected = queue.read(str(settings["inspected"]))
    keep(inspected.folder, folder, settings, report, should_stop)
    queue.delete(inspected.id, inspected.workspace)


def run_measure_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """Run a job of kind ``measure``: ask a model about the splits that it was not asked about when it came.

    Its answers are put beside it, and its scores into its card.

    Args:
        settings: {"model": id}.

    Raises:
        ModelError: there is no such model, or its file is damaged.
        DatasetError: its data set is not prepared.
        Stopped: ``should_stop`` returned True; nothing is kept.
    """
    card = store.seen_by(store.card(str(settings["model"])), queue.workspace_of(folder))
    model = store.load_file(card)
    scores = {
        split: _ask(model, card.dataset, split, folder, report, should_stop, card.pixel_seed)
        for split in ("validation", "test")
    }
    target = store.card(card.id).folder  # raises if the model was deleted meanwhile, which must not come back
    for split in scores:
        (folder / answers_file(split)).replace(target / answers_file(split))
    write_json(target / "card.json", {**json.loads((target / "card.json").read_text()), **scores})


def answers_file(split: str) -> str:
    """Name of the file, in a model's folder, of its answers to a split."""
    return f"{split}_probabilities.npy"


def _ask(
    model: "keras.Model",
    dataset: str,
    split: str,
    folder: Path,
    report: Report,
    should_stop: ShouldStop,
    pixel_seed: int | None = None,
) -> dict[str, int]:
    """Ask a network about a split, and keep its answers; gives how many are right."""
    images, predict = catalog.load(dataset, split), predictor(model, pixel_seed)
    step = progress_meter(report, f"Asking it about {split} images", len(images), "images")
    answers = []
    for start in range(0, len(images), BATCH):
        raise_if_stopped(should_stop)
        positions = np.arange(start, min(start + BATCH, len(images)))
        answers.append(predict(images.fitted(positions, model.input_shape[1:])))
        step(start + len(positions))
    probabilities = np.concatenate(answers)
    half_precision = probabilities.astype(np.float16)
    write_whole(folder / answers_file(split), partial(np.save, arr=half_precision))
    return {"correct": int((probabilities.argmax(axis=1) == images.labels).sum()), "count": len(images)}


def _remember_classes(file: str, class_names: list[str]) -> str:
    """A data set without images for classes that no data set here has: pages need its title and classes."""
    name = f"own-{new_id()}"
    own_datasets.folder(name).mkdir(parents=True, exist_ok=True)
    counts = {"train": 0, "test": 0, "validation": 0}
    entry = {"title": f"Classes of {file}"[:60], "class_names": class_names, **counts}
    write_json(own_datasets.folder(name) / "info.json", {**entry, "workspace": "", "created": time.time()})
    return name
