"""The status of a run in one line, with its progress and its owner's buttons."""

import math
from typing import Any

import streamlit as st

from cnn.jobs import queue
from cnn.training.run_summary import RunSummary, share_done
from pages.shell.errors import attempt, show_refusal
from pages.shell.page_layout import prose, section
from pages.shell.text import duration, literal
from pages.shell.workspace import workspace


def show_status(job: queue.Job, summary: RunSummary) -> None:
    """Show the run's status in one line, its progress, and its owner's buttons."""
    is_owner = job.workspace == workspace()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        section(f"**{literal(job.name)}**", width="content")
        if is_owner and job.state in queue.ACTIVE:
            arguments = ("training.stop", queue.request_stop, job.id, workspace())
            st.button("Stop", key="training.stop", icon=":material/stop:", on_click=attempt, args=arguments)
        if is_owner and job.state in ("interrupted", "failed"):
            arguments = ("training.continue", queue.resume, job.id, workspace())
            st.button("Continue", key="training.continue", on_click=attempt, args=arguments)
    for key in ("training.stop", "training.continue"):
        show_refusal(key)
    if not is_owner:
        with st.container(key="training.spectator"):
            st.caption("You are watching somebody else's run: it goes on by itself, and only they can stop it.")
    match job.state:
        case "queued":
            position = queue.queue_position(job.id)
            wait = "" if position.seconds is None else f", about {duration(position.seconds)} to go"
            ahead = "next in line" if position.ahead == 0 else f"{position.ahead} ahead of it in the queue"
            with st.container(key="training.queue"):
                st.progress(0.0, text=f"Waiting: {ahead}{wait}")
        case "running":
            fraction, text = _running_progress(summary)
            with st.container(key="training.progress" if summary.batches else "training.preparation"):
                st.progress(fraction, text=f"{text} {literal(job.reason or '')}".strip())
        case "finished":
            pass
        case state:
            kept = _describe_kept_model(summary) if state == "stopped" else ""
            prose(f"**{state.capitalize()}.** {literal(job.reason or '')}{kept}", key=f"training.{state}")


def _running_progress(summary: RunSummary) -> tuple[float, str]:
    start = summary.start
    if start is None:
        return _preparation_progress(summary.progress)
    latest = summary.batches[-1] if summary.batches else None
    if latest is None:
        return 0.0, "Getting ready: building the network."
    fraction = share_done(summary) or 0.0
    if fraction >= 1.0:
        return 1.0, "All epochs done: saving it, and taking the final exam, which stays sealed."
    return fraction, (
        f"Epoch {max(1, math.ceil(latest['epoch']))} of {start['epochs']} · "
        f"{latest['images_per_second']:,.0f} images a second · {duration(latest['seconds_left'])} left"
    )


def _describe_kept_model(summary: RunSummary) -> str:
    if summary.epochs:
        return " What it had learned by its last whole epoch is kept."
    return " Its first epoch was not over, so there is nothing to keep."


def _preparation_progress(progress: dict[str, Any] | None) -> tuple[float, str]:
    if progress is None:
        return 0.0, "Starting."
    if not progress.get("total"):
        return 0.0, f"{progress['what']} …"
    return min(1.0, progress["done"] / progress["total"]), f"{progress['what']}: {progress['done']:,} images"
