"""What a job is for, whatever its kind is called: pages decide by it where a visitor follows the job."""

from typing import Literal

from cnn.analysis import studies
from cnn.jobs.queue import Job
from cnn.requests import datasets, models, names, runs

Purpose = Literal[
    "training", "comparison", "transfer", "study", "data set", "own images", "evaluation", "weights", "model"
]

_PURPOSES: dict[str, Purpose] = {
    names.TRANSFER: "transfer",
    studies.KIND: "study",
    datasets.PREPARE: "data set",
    names.IMPORT_IMAGES: "own images",
    models.MEASURE: "evaluation",
    models.WEIGHTS: "weights",
}


def purpose(job: Job) -> Purpose:
    """What ``job`` is for; "model" for whatever makes, reads or converts a model's file."""
    if runs.is_from_scratch(job):
        return "comparison" if runs.is_compared(job) else "transfer" if runs.is_beside_transfer(job) else "training"
    return _PURPOSES.get(job.kind, "model")
