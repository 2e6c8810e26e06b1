"""Having a data set prepared, as a job like any other."""

from cnn.data import catalog
from cnn.training import queue

SECONDS_TO_MAKE = 15  # the slowest built-in one


def request(name: str, workspace: str) -> str:
    """Queue the preparation of the data set ``name``; who asks for the same thing meanwhile gets the same job.

    Returns:
        The job's id.

    Raises:
        DatasetError: there is no such data set.
        JobError: the visitor has as many jobs as one may have.
    """
    known = catalog.info(name)
    return queue.submit(
        "prepare",
        {"dataset": name},
        workspace=workspace,
        name=f"{'Make' if known.builtin else 'Prepare'} {known.title}",
        key=f"prepare {name}",
        seconds_expected=SECONDS_TO_MAKE if known.builtin else None,
    )
