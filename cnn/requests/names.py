"""Names of a visitor's own models and data sets: no two models and no two data sets of a workspace are called alike.

A new one whose name is taken gets a number, as in "Mugs, 2"; a model cannot be renamed to a name that is taken. Whoever
asks for a new one holds the lock of names until it is in the queue, so two requests at once cannot take the same name.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from cnn.data import catalog
from cnn.data.image_decoding import shown_name
from cnn.data.own import own_datasets
from cnn.errors import JobError
from cnn.jobs import queue
from cnn.jobs.queue import Job
from cnn.model import store

TRAIN, TRANSFER, IMPORT, KEEP = "train", "transfer", "admit", "keep"  # the kinds of job that end with a model
IMPORT_IMAGES = "bring"  # the kind that ends with a data set
MAX_DATASET_NAME = 40


def free_name(name: str, taken: Collection[str], most: int = queue.MAX_NAME) -> str:
    """``name`` or, if it is taken, the same with the smallest number that makes it free.

    Upper and lower case count as alike, and so do several spaces and one.

    Args:
        taken: names that others have.
        most: how many characters it may have; a longer name is cut off before its number.
    """
    name = " ".join(name.split())[:most].rstrip()
    others = {_spelling(other) for other in taken}
    if _spelling(name) not in others:
        return name
    numbered = re.fullmatch(r"(.+), ([1-9]\d{0,5})", name)
    stem, number = (numbered[1], int(numbered[2]) + 1) if numbered else (name, 2)
    while _spelling(candidate := f"{stem[: most - len(f', {number}')].rstrip()}, {number}") in others:
        number += 1
    return candidate


def free_model_name(name: str, workspace: str) -> str:
    """The name that a new model would get now, see ``free_name``."""
    return free_name(name, _model_names(workspace))


def free_dataset_name(name: str, workspace: str) -> str:
    """The name that a new data set would get now, see ``free_name``."""
    return free_name(name, _dataset_names(workspace), MAX_DATASET_NAME)


@contextmanager
def new_model_name(name: str, workspace: str) -> Iterator[str]:
    """Yields the free name for a new model; nobody else gets it before the block has queued the model's job.

    Raises:
        JobError: the data folder cannot be written to.
    """
    with queue.exclusive("names"):
        yield free_model_name(name, workspace)


@contextmanager
def new_dataset_name(name: str, workspace: str) -> Iterator[str]:
    """As ``new_model_name``, for a data set."""
    with queue.exclusive("names"):
        yield free_dataset_name(name, workspace)


def rename_model(id: str, workspace: str, name: str) -> None:
    """Change the name of a visitor's own model.

    Raises:
        JobError: there is no such model, it is not this workspace's, the name is empty, too long or taken, or the disk
            is full.
    """
    with queue.exclusive("names"):
        taken = _model_names(workspace, besides=id)
        free = free_name(name, taken)
        if _spelling(name) in {_spelling(other) for other in taken}:
            raise JobError(
                f"Another model is called “{shown_name(name)}”. Choose another name, such as “{shown_name(free)}”."
            )
        queue.rename(id, workspace, name)


def claim_model(id: str, workspace: str) -> None:
    """Give a model that is nobody's, as the command line makes them, to a workspace, where its name becomes free.

    Raises:
        JobError: there is no such model, it is another workspace's, or the disk is full.
    """
    with queue.exclusive("names"):
        queue.claim(id, workspace)
        name = queue.read(id).name
        if (free := free_name(name, _model_names(workspace, besides=id))) != name:
            queue.rename(id, workspace, free)


def _model_names(workspace: str, besides: str | None = None) -> list[str]:
    """Names of the models that come with the app, and of a visitor's own, those still being made included."""
    jobs = queue.jobs(workspace=workspace)
    return [card.title for card in store.cards()] + [job.name for job in jobs if job.id != besides and _is_model(job)]


def _is_model(job: Job) -> bool:
    """Whether a job has made a model, or may still do so."""
    if job.kind not in (TRAIN, TRANSFER, IMPORT, KEEP):
        return False
    can_go_on = job.state in queue.ACTIVE or (
        job.kind in (TRAIN, TRANSFER) and job.state in ("interrupted", "failed")  # its owner can continue it
    )
    return can_go_on or store.has_card(job.id)


def _dataset_names(workspace: str) -> list[str]:
    """Names of the public data sets, and of a visitor's own, those still being made included."""
    names = [*catalog.names(), *own_datasets.names(workspace)]
    jobs = queue.jobs(kind=IMPORT_IMAGES, workspace=workspace, states=queue.ACTIVE)
    return [catalog.info(name).title for name in names] + [str(job.settings.get("title", "")) for job in jobs]


def _spelling(name: str) -> str:
    """What two names that read alike have in common."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
