"""How a run stands, in one line, with its progress and the buttons its owner has."""

import math
from typing import Any

import streamlit as st

from cnn.jobs import queue
from cnn.training.run_summary import RunSummary
from pages.shell.errors import attempt, show_refusal
from pages.shell.page_layout import prose
from pages.shell.text import duration
from pages.shell.workspace import workspace


def show_status(job: queue.Job, summary: RunSummary) -> None:
    """One line on how the run stands, its progress, and the buttons its owner has."""
    own = job.workspace == workspace()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(job.name, anchor=False, width="content")
        if own and job.state in queue.ACTIVE:
            arguments = ("training.stop", queue.request_stop, job.id, workspace())
            st.button("Stop", key="training.stop", icon=":material/stop:", on_click=attempt, args=arguments)
        if own and job.state in ("interrupted", "failed"):
            arguments = ("training.continue", queue.continue_, job.id, workspace())
            st.button("Continue", key="training.continue", on_click=attempt, args=arguments)
    for key in ("training.stop", "training.continue"):
        show_refusal(key)
    if not own:
        st.caption("You are watching somebody else's run: it goes on by itself, and only they can stop it.")
    match job.state:
        case "queued":
            place = queue.queue_position(job.id)
            wait = "" if place.seconds is None else f", about {duration(place.seconds)} to go"
            ahead = "next in line" if place.ahead == 0 else f"{place.ahead} ahead of it in the queue"
            st.progress(0.0, text=f"Waiting: {ahead}{wait}")
        case "running":
            share, text = _running(summary)
            st.progress(share, text=f"{text} {job.reason or ''}".strip())
        case "finished":
            pass
        case state:
            prose(f"**{state.capitalize()}.** {job.reason or ''}{_kept(summary) if state == 'stopped' else ''}")


def _running(summary: RunSummary) -> tuple[float, str]:
    start = summary.start
    if start is None:
        return _preparing(summary.progress)
    latest = summary.batches[-1] if summary.batches else None
    if latest is None:
        return 0.0, "Getting ready: building the network."
    share = min(1.0, latest["epoch"] / start["epochs"])
    if share >= 1.0:
        return 1.0, "All epochs done: saving it and taking the final exam."
    return share, (
        f"Epoch {max(1, math.ceil(latest['epoch']))} of {start['epochs']} · "
        f"{latest['images_per_second']:,.0f} images a second · {duration(latest['seconds_left'])} left"
    )


def _kept(summary: RunSummary) -> str:
    if summary.epochs:
        return " What it had learned by its last whole epoch is kept."
    return " Its first epoch was not over, so there is nothing to keep."


def _preparing(progress: dict[str, Any] | None) -> tuple[float, str]:
    if progress is None:
        return 0.0, "Starting."
    if not progress.get("total"):
        return 0.0, f"{progress['what']} …"
    return min(1.0, progress["done"] / progress["total"]), f"{progress['what']}: {progress['done']:,} images"
