"""Requests to prepare a data set, or to create one from a visitor's own images."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

from cnn.data import catalog
from cnn.data.image_decoding import shown_name
from cnn.data.own import own_datasets
from cnn.data.own.image_reader import ReadingChoices
from cnn.jobs import job_limits, queue
from cnn.jobs.queue import Job
from cnn.requests.names import IMPORT_IMAGES, new_dataset_name

PREPARE = "prepare"
SECONDS_TO_MAKE = 15  # for the slowest built-in data set


def prepare(name: str, workspace: str) -> str:
    """Queue the preparation of the data set ``name``, or join the job that already prepares it.

    Returns:
        The job's id.

    Raises:
        DatasetError: there is no such data set.
        JobError: the visitor has reached the limit of jobs.
    """
    info = catalog.info(name)
    return queue.submit(
        PREPARE,
        {"dataset": name},
        workspace=workspace,
        name=f"Prepare {info.title}",
        key=f"prepare {name}",
        seconds_expected=SECONDS_TO_MAKE if info.builtin else None,
    )


def preparation_job(name: str) -> Job | None:
    """The newest job of any visitor that prepares or prepared the data set ``name``."""
    return next((job for job in queue.jobs(kind=PREPARE) if job.settings.get("dataset") == name), None)


def import_images(
    files: Sequence[tuple[str, BinaryIO]], title: str, workspace: str, choices: ReadingChoices | None = None
) -> str:
    """Queue the making of a data set from a visitor's own images, see ``own_datasets.store_upload``.

    Args:
        files: see ``own_datasets.receive``.
        title: the visitor's name for the data set; it gets a number if it is taken.
        choices: how names are to be read; None to guess.

    Returns:
        The job's id.

    Raises:
        DatasetError: the files are refused.
        JobError: the visitor has reached the limit of jobs.
    """
    job_limits.check_disk()
    own_datasets.check_room()
    name = own_datasets.store_upload(files, workspace)
    settings: dict[str, Any] = {"dataset": name, "workspace": workspace, "created": time.time()}
    settings |= asdict(choices) if choices else {}
    try:
        with new_dataset_name(shown_name(title), workspace) as free:
            settings["title"] = free
            return queue.submit(
                IMPORT_IMAGES, settings, workspace=workspace, name=f"Bring in {free}", key=f"bring {name}"
            )
    except BaseException:
        own_datasets.upload_path(name).unlink(missing_ok=True)
        raise


def latest_import_job(workspace: str) -> Job | None:
    """The visitor's newest job of ``import_images``."""
    return next(iter(queue.jobs(kind=IMPORT_IMAGES, workspace=workspace)), None)
