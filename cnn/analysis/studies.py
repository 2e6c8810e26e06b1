"""Studies: analyses of a model that take too long for a page; each runs once as a job, and its result is stored.

A study is a function ``(card, settings, report, should_stop) -> {name: array}``, named in ``STUDIES``. The result is
stored beside a run's model and deleted with it; that of a pretrained model is stored in ``CNN_HOME/studies``.
"""

import importlib
import json
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cnn.errors import DamagedFileError, ModelError
from cnn.files import write_whole
from cnn.home import home
from cnn.jobs import queue
from cnn.model import store
from cnn.progress import Report, ShouldStop
from cnn.stored_files import Shape, read_arrays

StudyResult = dict[str, np.ndarray]
Settings = dict[str, Any]

KIND = "study"

# Imported only in the worker: requesting a study does not need TensorFlow.
STUDIES = {
    "history": "cnn.analysis.epoch_history:study",
    "strongest image": "cnn.analysis.activations.activation_maximisation:study",
    "robustness": "cnn.analysis.evaluation.robustness:study",
    "map": "cnn.analysis.evaluation.embedding:study",
}
RESULTS: dict[str, dict[str, Shape]] = {
    "history": {"said": (None, None)},
    "strongest image": {"image": (None, None, None), "start": (), "end": (), "random": ()},
    "robustness": {"noise": (6,), "blur": (6,), "brightness": (7,), "rotation": (9,), "shift": (7,), "count": ()},
    "map": {"positions": (None,), "pca": (None, 2), "tsne": (None, 2), "variance": ()},
}
"""The arrays without which a study's result is damaged, and their shapes; there may be others."""


def result(card: store.Card, study: str, settings: Settings) -> StudyResult | None:
    """The stored result of a study; None if there is none, or its file is damaged."""
    try:
        return read_arrays(_result_file(card, study, settings), RESULTS[study])
    except DamagedFileError:
        return None


def request(card: store.Card, study: str, settings: Settings, *, workspace: str, seconds: float | None = None) -> str:
    """Queue a study; requests for the same study share one job.

    Args:
        study: one of ``STUDIES``.
        settings: of the study, JSON-serialisable.
        seconds: expected duration, for the waiting time of later jobs.

    Returns:
        The job's id.

    Raises:
        JobError: the visitor has reached the limit of jobs.
    """
    return queue.submit(
        KIND,
        {"model": card.id, "study": study, "settings": settings},
        workspace=workspace,
        name=f"{study.capitalize()} of {card.title}"[: queue.MAX_NAME],
        key=key(card, study, settings),
        seconds_expected=seconds,
    )


def job(card: store.Card, study: str, settings: Settings) -> queue.Job | None:
    """The newest job for a study, whoever requested it."""
    return queue.latest(KIND, key(card, study, settings))


def settings_for(split: str) -> Settings:
    """The settings of a study of the images of a split; those of the test images go without, as earlier versions had.

    Args:
        split: "validation" or "test".
    """
    return {} if split == "test" else {"split": split}


def key(card: store.Card, study: str, settings: Settings) -> str:
    """The job key that identifies a study of one training of a model with its settings."""
    return f"study {card.fingerprint} {study} {json.dumps(settings, sort_keys=True)}"


def run_job(folder: Path, settings: Settings, report: Report, should_stop: ShouldStop) -> None:
    """Run a job of kind ``study`` and store its result.

    Raises:
        ModelError: there is no such model or study.
        Stopped: ``should_stop`` returned True; nothing is stored.
    """
    name, study_settings = str(settings["study"]), dict(settings["settings"])
    if name not in STUDIES:
        raise ModelError(f"There is no study called “{name[:40]}”. Choose one of: {', '.join(STUDIES)}.")
    card = store.seen_by(store.card(str(settings["model"])), queue.workspace_of(folder))
    module, function = STUDIES[name].split(":")
    result = getattr(importlib.import_module(module), function)(card, study_settings, report, should_stop)
    # Look the card up again: a run that was deleted meanwhile must stay deleted.
    file = _result_file(store.card(card.id), name, study_settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, partial(_write_arrays, result))


def _write_arrays(result: StudyResult, path: Path) -> None:
    # An open file, because NumPy appends ".npz" to names without it.
    with path.open("wb") as file:
        np.savez(file, **result)  # type: ignore[arg-type]


def _result_file(card: store.Card, study: str, settings: Settings) -> Path:
    parent = card.folder / "studies" if card.workspace is not None else home() / "studies" / card.id
    # A checksum, because settings may contain any text; the time of creation separates retrained models.
    checksum = zlib.crc32(json.dumps(settings, sort_keys=True).encode())
    return parent / f"{study}-{card.created}-{checksum:08x}.npz"
