"""Requests for training runs, from scratch or on a pretrained base, and a visitor's earlier runs."""

from collections.abc import Mapping

from cnn.data import catalog
from cnn.data.own.sharing import name_for, refuse_closed
from cnn.home import new_id
from cnn.jobs import queue
from cnn.jobs.queue import Job
from cnn.model.presets import network_title
from cnn.model.pretrained_bases import BASES, network_title_on
from cnn.requests.names import TRAIN, TRANSFER, new_model_name
from cnn.training import duration_estimate
from cnn.training.config import TrainConfig
from cnn.training.transfer_config import TransferConfig

_COMPARED, _BESIDE_TRANSFER = "compared ", "beside transfer "  # what the keys of such runs begin with


def train_name(config: TrainConfig) -> str:
    """What a run from scratch is called unless somebody calls it otherwise."""
    return f"{network_title(config.network.name)} on {catalog.info(config.dataset).title}"


def transfer_name(config: TransferConfig) -> str:
    """What a run of transfer learning is called unless somebody calls it otherwise."""
    network = network_title_on(config.base)
    if config.tuned_layers:
        number = "all" if config.tuned_layers == BASES[config.base].layers else config.tuned_layers
        network = f"{network.removesuffix('a new head')}{number} layers tuned"
    return f"{network} on {catalog.info(config.dataset).title}"


def train(config: TrainConfig, workspace: str, *, name: str | None = None, key: str | None = None) -> str:
    """Queue a run from scratch.

    Args:
        name: shown to people, with a number if it is taken; None for ``train_name``.
        key: as in ``queue.submit``.

    Returns:
        The job's id.

    Raises:
        DatasetError: the visitor may not open the images.
        JobError: the visitor has reached the limit of jobs, or the disk is full.
    """
    return _submit(TRAIN, config, workspace, name or train_name(config), duration_estimate.seconds(config), key)


def train_compared(configs: Mapping[str, TrainConfig], names: Mapping[str, str], workspace: str) -> dict[str, str]:
    """Queue runs from scratch that are to be compared with each other.

    Args:
        configs: {side: its settings}, all on one data set; a side is what tells the runs apart, such as "with".
        names: {side: name shown to people}.

    Returns:
        {side: the job's id}.

    Raises:
        JobError: as ``train``.
    """
    together = new_id()
    return {
        side: train(config, workspace, name=names[side], key=f"{_COMPARED}{together} {side}")
        for side, config in configs.items()
    }


def train_beside_transfer(config: TrainConfig, workspace: str) -> str:
    """Queue a run from scratch that transfer learning on the same images is compared with, otherwise as ``train``."""
    return train(config, workspace, key=_beside_transfer_key(config.dataset, workspace))


def transfer(config: TransferConfig, workspace: str, *, name: str | None = None) -> str:
    """Queue a run of transfer learning, otherwise as ``train``."""
    seconds = duration_estimate.transfer_seconds(config)
    return _submit(TRANSFER, config, workspace, name or transfer_name(config), seconds)


def is_from_scratch(job: Job) -> bool:
    """Whether a job is a run of ``train``."""
    return job.kind == TRAIN


def is_compared(job: Job) -> bool:
    """Whether a job is one of the runs of ``train_compared``."""
    return job.key is not None and job.key.startswith(_COMPARED)


def is_beside_transfer(job: Job) -> bool:
    """Whether a job is a run of ``train_beside_transfer``."""
    return job.key is not None and job.key.startswith(_BESIDE_TRANSFER)


def is_on(job: Job, dataset: str) -> bool:
    """Whether a run is on a data set; own images may have been closed to its owner since."""
    return name_for(str(job.settings.get("dataset")), job.workspace) == dataset


def latest_run(workspace: str, dataset: str) -> Job | None:
    """The visitor's newest run of ``train``: one under way on any data set, else the newest on ``dataset``."""
    runs = queue.jobs(kind=TRAIN, workspace=workspace)
    return _latest([job for job in runs if not (is_compared(job) or is_beside_transfer(job))], dataset)


def latest_transfer(workspace: str, dataset: str) -> Job | None:
    """The visitor's newest run of ``transfer``, chosen as in ``latest_run``."""
    return _latest(queue.jobs(kind=TRANSFER, workspace=workspace), dataset)


def latest_beside_transfer(workspace: str, dataset: str) -> Job | None:
    """The visitor's newest run of ``train_beside_transfer`` on ``dataset``."""
    return queue.latest(TRAIN, _beside_transfer_key(dataset, workspace))


def latest_compared(workspace: str, dataset: str) -> dict[str, str]:
    """The ids of the visitor's newest runs of ``train_compared`` on ``dataset``, by side; empty without any."""
    runs = [job for job in queue.jobs(kind=TRAIN, workspace=workspace) if is_compared(job)]
    parts = {job.id: str(job.key).removeprefix(_COMPARED).split(" ", 1) for job in runs}
    newest = next((job.id for job in runs if is_on(job, dataset)), None)
    return {side: id for id, (together, side) in parts.items() if newest is not None and together == parts[newest][0]}


def finished_runs(workspace: str, dataset: str) -> list[Job]:
    """A visitor's runs from scratch on a data set that ended with a saved model, newest first."""
    jobs = queue.jobs(kind=TRAIN, workspace=workspace, states=["finished", "stopped"])
    return [job for job in jobs if is_on(job, dataset)]


def _latest(runs: list[Job], dataset: str) -> Job | None:
    """The newest of ``runs``, which are newest first, that is under way, else the newest on ``dataset``."""
    on_dataset = [job for job in runs if is_on(job, dataset)]
    return next(iter([*(job for job in runs if job.state in queue.ACTIVE), *on_dataset]), None)


def _beside_transfer_key(dataset: str, workspace: str) -> str:
    return f"{_BESIDE_TRANSFER}{workspace} {dataset}"


def _submit(
    kind: str,
    config: TrainConfig | TransferConfig,
    workspace: str,
    name: str,
    seconds: float,
    key: str | None = None,
) -> str:
    refuse_closed(config.dataset, workspace)
    with new_model_name(name, workspace) as free:
        return queue.submit(kind, config.to_dict(), workspace=workspace, name=free, key=key, seconds_expected=seconds)
