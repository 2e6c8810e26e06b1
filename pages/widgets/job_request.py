"""Requesting a job: its cost, its position in the queue, its progress, and why it failed."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnn.jobs import queue
from cnn.jobs.queue import Job
from pages.shell.errors import attempt, plain_notice, show_refusal
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
    **button: Any,
) -> None:
    """Show the progress of a job whose result is kept for everyone or, while there is none, the button that queues it.

    Args:
        job: the newest one that does this work, or None.
        submit: queues another; the message of a ``CnnError`` it raises is shown below the button.
        label: of the button.
        key: of the button; *Cancel* has ``key`` with ".cancel", and why the newest job failed has it with ".failure".
        seconds: expected duration, shown beside the button unless None.
        note: text after the duration.
        button: further arguments of the button.
    """
    if job is not None and is_under_way(job):
        watch_job(job.id, f"{key}.cancel")
        return
    show_failure(job, key=f"{key}.failure")
    offer_job(submit, label=label, key=key, cost=f"{duration_note(seconds)}{note}" if seconds else None, **button)


def offer_job(
    submit: Callable[[], object],
    *,
    label: str,
    key: str,
    cost: str | None,
    cost_key: str | None = None,
    **button: Any,
) -> None:
    """Show the button that queues a job, its cost, how many jobs are ahead, and why the last click was refused.

    A click may come before the page has followed a control that was changed just before it. So the click is only noted,
    and the job is queued when the page, drawn again, arrives here with the controls' values of now.

    Args:
        key: of the button.
        cost: a sentence without its full stop; None hides it and the number of jobs ahead.
        cost_key: of the cost; None for ``key`` with ".cost".
    """
    if st.session_state.pop(_requested_key(key), False):
        attempt(key, submit)
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(label, key=key, on_click=_note_request, args=(key,), **({"type": "primary"} | button))
        if cost is not None:
            with st.container(key=cost_key or f"{key}.cost"):
                st.caption(f"{cost}.{_jobs_ahead()}")
    show_refusal(key)


def withdraw_request(key: str) -> None:
    """Forget a click on the button ``key``, where the settings of now do not allow the job."""
    st.session_state.pop(_requested_key(key), None)


def submit_and_link(name: str, submit: Callable[[], str]) -> Callable[[], None]:
    """``submit``, which then also puts the new job's id into the address as ``name``."""

    def submit_job() -> None:
        st.query_params[name] = submit()

    return submit_job


def is_under_way(job: Job | None) -> bool:
    """Whether the job exists and is queued or running."""
    return job is not None and job.state in queue.ACTIVE


def show_failure(job: Job | None, *, key: str) -> None:
    """Show why a job ended without a result, if it did."""
    if job is not None and job.state not in ("finished", *queue.ACTIVE):
        plain_notice(
            job.reason or f"It was {job.state}, and nothing half done was kept. You can ask for it again.", key=key
        )


def duration_note(seconds: float) -> str:
    """Text such as "Takes about 20 seconds"."""
    return f"Takes about {duration(seconds)}"


def _requested_key(key: str) -> str:
    return f"{key}.requested"


def _note_request(key: str) -> None:
    st.session_state[_requested_key(key)] = True


def _jobs_ahead() -> str:
    """How many jobs are ahead of one queued now, and their expected duration; empty if there are none."""
    position = queue.forecast(workspace())
    if not position.ahead:
        return ""
    wait = f", about {duration(position.seconds)}" if position.seconds is not None else ""
    return f" {position.ahead} ahead of you in the queue{wait}."
