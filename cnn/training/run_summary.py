"""A run's events, sorted by what pages draw from them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cnn.errors import DamagedFileError
from cnn.jobs.events import MOST_EPOCHS, drop_superseded
from cnn.stored_files import mapping, number, optional, read_arrays, text, whole

Event = dict[str, Any]
WATCHED = "watched.npz"
_MOST = 1e12  # of seconds, images and bytes


@dataclass
class RunSummary:
    """What a run has reported so far.

    Attributes:
        start: the last "start" event, or None before there is one.
        progress: the last "progress" event of preparing data, or None once training has started.
        batches: the valid "batch" events, in order.
        epochs: the valid "epoch" events, one per epoch, in order.
        watched: {epoch: class probabilities (12, classes) of the watched images}; epoch 0 is the untrained network.
        test: the "test" event, or None.
        diverged: whether the loss became infinite or not a number.
    """

    start: Event | None = None
    progress: Event | None = None
    batches: list[Event] = field(default_factory=list)
    epochs: list[Event] = field(default_factory=list)
    watched: dict[int, np.ndarray] = field(default_factory=dict)
    test: Event | None = None
    diverged: bool = False


def summarise_run(events: Iterable[Event]) -> RunSummary:
    """Sort a run's events; what a later attempt replaced is dropped, and so is an event that no run would report."""
    summary = RunSummary()
    for event in drop_superseded(filter(_is_sound, events)):
        match event["type"]:
            case "start":
                summary.start, summary.progress = event, None
                if event["first_epoch"] == 0:
                    summary.watched[0] = np.asarray(event["watched"])
            case "progress":
                summary.progress = event
            case "batch":
                summary.batches.append(event)
            case "epoch":
                summary.epochs.append(event)
                summary.watched[event["epoch"]] = np.asarray(event["watched"])
            case "test":
                summary.test = event
            case "diverged":
                summary.diverged = True
    return summary


def share_done(summary: RunSummary) -> float | None:
    """How much of a job is done, 0..1: of a run's epochs, of any other job's steps; None while nobody can say."""
    if summary.start is not None:
        return min(1.0, summary.batches[-1]["epoch"] / summary.start["epochs"]) if summary.batches else 0.0
    progress = summary.progress
    return min(1.0, progress["done"] / progress["total"]) if progress and progress.get("total") else None


def read_watched_images(folder: Path, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """The twelve validation images that a run has watched, uint8 (12, H, W, C), and their labels, int (12,).

    Args:
        classes: number of classes.

    Raises:
        DamagedFileError: they were not kept, or the file is damaged.
    """
    arrays = read_arrays(folder / WATCHED, {"images": (None, None, None, None), "labels": (None,)})
    images, labels = arrays["images"], arrays["labels"]
    same = len(images) == len(labels) and images.dtype == np.uint8 and labels.dtype.kind in "iu"
    if not same or not len(labels) or labels.min() < 0 or labels.max() >= classes or images.shape[3] not in (1, 3):
        raise DamagedFileError("The images that this run has watched are damaged.")
    return images, labels


def _is_sound(event: Event) -> bool:
    """Whether the fields that pages draw are there and in their ranges."""
    try:
        match event["type"]:
            case "start":
                whole(event, "epochs", 1, MOST_EPOCHS)
                whole(event, "first_epoch", 0, MOST_EPOCHS)
                optional(whole, event, "validation", 0, int(_MOST))
                optional(number, optional(mapping, event, "before") or {}, "val_accuracy", 0, 1)
                _check_probabilities(event)
            case "progress":
                text(event, "what")
                text(event, "unit")
                number(event, "done", 0, _MOST)
                optional(number, event, "total", 0, _MOST)
                optional(number, event, "seconds_left", 0, _MOST)
            case "batch":
                for name in ("epoch", "images_per_second", "seconds_left"):
                    number(event, name, 0, _MOST)
                _check_measures(event, "loss", "accuracy")
            case "epoch":
                whole(event, "epoch", 1, MOST_EPOCHS)
                _check_measures(event, "loss", "accuracy")
                _check_measures(event, "val_loss", "val_accuracy")
                _check_probabilities(event)
            case "test":
                count = whole(event, "count", 1, int(_MOST))
                whole(event, "correct", 0, count)
                number(event, "accuracy", 0, 1)
    except DamagedFileError:
        return False
    return True


def _check_measures(event: Event, loss: str, accuracy: str) -> None:
    """Earlier versions wrote null for a loss that was no finite number; its accuracy may be null then, too."""
    if event.get(loss, 0) is not None:
        number(event, loss, -_MOST, math.inf)
        number(event, accuracy, 0, 1)
    elif event.get(accuracy, 0) is not None:
        number(event, accuracy, 0, 1)


def _check_probabilities(event: Event) -> None:
    watched = event.get("watched")
    if not isinstance(watched, list):
        raise DamagedFileError("“watched” is no list.")
    for row in watched:
        if not isinstance(row, list) or len(row) != len(watched[0]):
            raise DamagedFileError("“watched” is no table.")
        for probability in row:
            number({"watched": probability}, "watched", 0, 1)
