"""The one way to ask for a job: what it costs, its place in the queue, its progress, and why it failed."""

from collections.abc import Callable

import streamlit as st

from cnn.jobs import queue
from cnn.jobs.queue import Job
from pages.shell.errors import attempt, notice, show_refusal
from pages.shell.text import duration
from pages.shell.workspace import workspace
from pages.widgets.job_progress import watch_job


def request_job(
    job: Job | None,
    submit: Callable[[], object],
    *,
    label: str,
    key: str,
    seconds: float | None = None,
    note: str = ", once; then it is kept",
    **button: object,
) -> None:
    """A job whose result is kept for everyone: its progress while it is under way, else the button that asks for it.

    Args:
        job: the newest one that does this work, or None.
        submit: queues another; what it raises as ``CnnError`` is said below the button.
        label: of the button.
        key: of the button; that of *Cancel* is ``key`` with ".cancel".
        seconds: how long it takes; None says nothing about it.
        note: what follows the time.
        button: more settings of the button.
    """
    if is_under_way(job):
        assert job is not None
        watch_job(job.id, f"{key}.cancel")
        return
    show_failure(job)
    offer_job(submit, label=label, key=key, cost=f"{takes(seconds)}{note}" if seconds else None, **button)


def offer_job(submit: Callable[[], object], *, label: str, key: str, cost: str | None, **button: object) -> None:
    """The button that asks for a job, what it costs, and how many are ahead; below it why the last click was refused.

    Args:
        cost: a sentence without its full stop; None says nothing, not even how many are ahead.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(label, key=key, on_click=attempt, args=(key, submit), **({"type": "primary"} | button))
        if cost is not None:
            st.caption(f"{cost}.{_ahead()}")
    show_refusal(key)


def into_address(name: str, submit: Callable[[], str]) -> Callable[[], None]:
    """``submit``, which also puts the new job's id into the address as ``name``."""

    def submit_and_link() -> None:
        st.query_params[name] = submit()

    return submit_and_link


def is_under_way(job: Job | None) -> bool:
    """Whether there is a job that is queued or running."""
    return job is not None and job.state in queue.ACTIVE


def show_failure(job: Job | None) -> None:
    """Why a job ended without a result, where it did."""
    if job is not None and job.state not in ("finished", *queue.ACTIVE):
        notice(job.reason or f"It was {job.state}, and nothing half done was kept. You can ask for it again.")


def takes(seconds: float) -> str:
    """ "Takes about 20 seconds"."""
    return f"Takes about {duration(seconds)}"


def _ahead() -> str:
    """How many jobs are ahead of one that is asked for now, and how long that takes; nothing where there is none."""
    place = queue.forecast(workspace())
    if not place.ahead:
        return ""
    wait = f", about {duration(place.seconds)}" if place.seconds is not None else ""
    return f" {place.ahead} ahead of you in the queue{wait}."
