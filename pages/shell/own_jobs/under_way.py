"""Which of the visitor's jobs are queued or running."""

from functools import lru_cache

from cnn.errors import CnnError
from cnn.files import file_version
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.queue import Job
from pages.shell.selection import two_seconds
from pages.shell.workspace import workspace


def jobs_under_way() -> list[Job]:
    """The visitor's jobs that are queued or running, newest first."""
    folder = home() / "runs"
    ids = _ids_under_way(workspace(), str(folder), (file_version(str(folder)), two_seconds()))
    return [job for job in map(find_job, ids) if job is not None and job.state in queue.ACTIVE]


def find_job(id: str) -> Job | None:
    """The job with this id; None if it has been deleted or cannot be read."""
    try:
        return queue.read(id)
    except CnnError:
        return None


@lru_cache(maxsize=64)  # in which a look-up takes a hundredth of the time of one in Streamlit's caches
def _ids_under_way(workspace: str, folder: str, state: object) -> list[str]:
    """Cached because every rerun needs them, and a class has hundreds of runs to look through.

    Args:
        state: of the folder, and the time in steps of two seconds.
    """
    return [job.id for job in queue.jobs(workspace=workspace, states=queue.ACTIVE)]
