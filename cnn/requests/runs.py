"""Requests for training runs, from scratch or on a pretrained base, and a visitor's earlier runs."""

from cnn.data import catalog
from cnn.jobs import queue
from cnn.jobs.queue import Job
from cnn.training import duration_estimate
from cnn.training.config import TrainConfig
from cnn.training.transfer_config import TransferConfig

TRAIN, TRANSFER = "train", "transfer"


def train(config: TrainConfig, workspace: str, *, name: str | None = None) -> str:
    """Queue a run from scratch.

    Args:
        name: shown to people; None composes it from data set, network and epochs.

    Returns:
        The job's id.

    Raises:
        JobError: the visitor has reached the limit of jobs, or the disk is full.
    """
    title = catalog.info(config.dataset).title
    name = name or f"{title}, {config.network.name}, {config.epochs} epochs"
    return _submit(TRAIN, config, workspace, name, duration_estimate.seconds(config))


def transfer(config: TransferConfig, workspace: str) -> str:
    """Queue a run of transfer learning, otherwise as ``train``."""
    tuning = f", {config.tuned_layers} layers tuned" if config.tuned_layers else ""
    name = f"{catalog.info(config.dataset).title}, {config.base}{tuning}"
    return _submit(TRANSFER, config, workspace, name, duration_estimate.transfer_seconds(config))


def is_from_scratch(job: Job) -> bool:
    """Whether a job is a run of ``train``."""
    return job.kind == TRAIN


def finished_runs(workspace: str, dataset: str) -> list[Job]:
    """A visitor's runs from scratch on a data set that ended with a saved model, newest first."""
    jobs = queue.jobs(kind=TRAIN, workspace=workspace, states=["finished", "stopped"])
    return [job for job in jobs if job.settings.get("dataset") == dataset]


def _submit(kind: str, config: TrainConfig | TransferConfig, workspace: str, name: str, seconds: float) -> str:
    return queue.submit(
        kind, config.to_dict(), workspace=workspace, name=name[: queue.MAX_NAME], seconds_expected=seconds
    )
