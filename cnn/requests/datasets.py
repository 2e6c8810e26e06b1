"""Requests to prepare a data set, or to make one of a visitor's own images."""

import time
from collections.abc import Sequence
from typing import BinaryIO

from cnn.data import catalog
from cnn.data.image_decoding import shown_name
from cnn.data.own import own_datasets
from cnn.jobs import queue
from cnn.jobs.queue import Job

PREPARE, BRING = "prepare", "bring"
SECONDS_TO_MAKE = 15  # the slowest built-in one


def prepare(name: str, workspace: str) -> str:
    """Queue the preparation of the data set ``name``; whoever asks for it meanwhile gets the same job.

    Returns:
        The job's id.

    Raises:
        DatasetError: there is no such data set.
        JobError: the visitor has as many jobs as one may have.
    """
    known = catalog.info(name)
    return queue.submit(
        PREPARE,
        {"dataset": name},
        workspace=workspace,
        name=f"{'Make' if known.builtin else 'Prepare'} {known.title}",
        key=f"prepare {name}",
        seconds_expected=SECONDS_TO_MAKE if known.builtin else None,
    )


def preparation(name: str) -> Job | None:
    """The newest job that prepares or prepared the data set ``name``, whoever asked for it."""
    return next((job for job in queue.jobs(kind=PREPARE) if job.settings.get("dataset") == name), None)


def bring_images(files: Sequence[tuple[str, BinaryIO]], title: str, workspace: str) -> str:
    """Queue the making of a data set from a visitor's own images, see ``own_datasets.store_upload``.

    Args:
        title: what the visitor calls it.

    Returns:
        The job's id.

    Raises:
        DatasetError: these files cannot be taken.
        JobError: the visitor has as many jobs as one may have.
    """
    name = own_datasets.store_upload(files, workspace)
    title = shown_name(title)
    settings = {"dataset": name, "title": title, "workspace": workspace, "created": time.time()}
    try:
        return queue.submit(BRING, settings, workspace=workspace, name=f"Bring in {title}", key=f"bring {name}")
    except BaseException:
        own_datasets.upload_path(name).unlink(missing_ok=True)
        raise


def latest_images(workspace: str) -> Job | None:
    """The visitor's newest job of ``bring_images``."""
    return next(iter(queue.jobs(kind=BRING, workspace=workspace)), None)
