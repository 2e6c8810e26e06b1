"""Which of the visitor's jobs are queued or running."""

import streamlit as st

from cnn.errors import CnnError
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.queue import Job
from pages.shell.workspace import workspace


def jobs_under_way() -> list[Job]:
    """The visitor's jobs that are queued or running, newest first."""
    folder = home() / "runs"
    ids = _ids_under_way(workspace(), str(folder), folder.stat().st_mtime_ns if folder.exists() else 0)
    return [job for job in map(find_job, ids) if job is not None and job.state in queue.ACTIVE]


def find_job(id: str) -> Job | None:
    """The job with this id; None if it has been deleted or cannot be read."""
    try:
        return queue.read(id)
    except CnnError:
        return None


@st.cache_data(ttl=2, max_entries=64, show_spinner=False)
def _ids_under_way(workspace: str, folder: str, changed: int) -> list[str]:
    """Cached because every rerun needs them, and a class has hundreds of runs to look through."""
    return [job.id for job in queue.jobs(workspace=workspace, states=queue.ACTIVE)]
