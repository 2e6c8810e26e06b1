"""What takes longer than a click to find out about a model: asked for once, worked out as a job, and kept.

A study is a function ``(card, settings, report, should_stop) -> {name: array}``, named in ``STUDIES``. What it found
lies beside a run's model, and goes with it; for a pretrained model it lies in ``CNN_HOME/studies``.
"""

import importlib
import json
import zipfile
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cnn.errors import ModelError
from cnn.files import write_whole
from cnn.home import home
from cnn.jobs import queue
from cnn.model import store
from cnn.progress import Report, ShouldStop

StudyResult = dict[str, np.ndarray]
Settings = dict[str, Any]

KIND = "study"

# Where each is, resolved in the worker only: pages need no TensorFlow to ask for one.
STUDIES = {
    "history": "cnn.analysis.epoch_history:study",
    "strongest image": "cnn.analysis.activations.activation_maximisation:study",
    "robustness": "cnn.analysis.evaluation.robustness:study",
    "map": "cnn.analysis.evaluation.embedding:study",
}


def result(card: store.Card, study: str, settings: Settings) -> StudyResult | None:
    """What a study found, or None while it has not been done; a damaged file counts as not done."""
    try:
        with np.load(_file(card, study, settings), allow_pickle=False) as kept:
            return dict(kept)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        return None


def request(card: store.Card, study: str, settings: Settings, *, workspace: str, seconds: float | None = None) -> str:
    """Queue a study; who asks for the same meanwhile gets the same job.

    Args:
        study: one of ``STUDIES``.
        settings: of the study, to be written as JSON.
        seconds: how long it will take, for the waiting time of those behind.

    Returns:
        The job's id.

    Raises:
        JobError: the visitor has as many jobs as one may have.
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
    """The newest job of a study, whoever asked for it."""
    return queue.latest(KIND, key(card, study, settings))


def key(card: store.Card, study: str, settings: Settings) -> str:
    """Names this piece of work among all jobs."""
    return f"study {card.fingerprint} {study} {json.dumps(settings, sort_keys=True)}"


def run_job(folder: Path, settings: Settings, report: Report, should_stop: ShouldStop) -> None:
    """The job of kind ``study``.

    Raises:
        ModelError: there is no such model or study.
        Stopped: ``should_stop`` said so; nothing is kept.
    """
    name, asked = str(settings["study"]), dict(settings["settings"])
    if name not in STUDIES:
        raise ModelError(f"There is no study called “{name[:40]}”. Choose one of: {', '.join(STUDIES)}.")
    card = store.card(str(settings["model"]))
    module, function = STUDIES[name].split(":")
    result = getattr(importlib.import_module(module), function)(card, asked, report, should_stop)
    file = _file(store.card(card.id), name, asked)  # asked again: a run may be deleted meanwhile, and stays deleted
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, partial(_write, result))


def _write(result: StudyResult, path: Path) -> None:
    # An open file, because NumPy adds ".npz" to a name that does not end so.
    with path.open("wb") as file:
        np.savez(file, **result)  # type: ignore[arg-type]


def _file(card: store.Card, study: str, settings: Settings) -> Path:
    parent = card.folder / "studies" if card.workspace is not None else home() / "studies" / card.id
    # A setting may be any text, and its file is only ever named by a sum of it; the created time is of that very model.
    told = zlib.crc32(json.dumps(settings, sort_keys=True).encode())
    return parent / f"{study}-{card.created}-{told:08x}.npz"
