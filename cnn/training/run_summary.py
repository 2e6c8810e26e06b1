"""A run's events, sorted by what pages draw from them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnn.jobs.events import drop_superseded

Event = dict[str, Any]


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
    """Sort a run's events; what a later attempt replaced is dropped."""
    summary = RunSummary()
    for event in drop_superseded(events):
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
