"""The progress of a job, updated every second, with the button that cancels it."""

import streamlit as st

from cnn.jobs import queue
from cnn.training.run_summary import share_done, summarise_run
from pages.shell.text import duration, literal
from pages.shell.workspace import workspace

MEGABYTE = 1_000_000


def watch_job(id: str, key: str = "images.cancel") -> None:
    """Show a job's progress, updated every second; when the job has ended, the page reruns.

    Args:
        key: of the button that cancels it.
    """

    @st.fragment(run_every=1.0)
    def live() -> None:
        job = queue.read(id)
        if job.state not in queue.ACTIVE:
            st.rerun()
        show_progress(job, key)

    live()


def show_progress(job: queue.Job, key: str = "images.cancel") -> None:
    """Show the progress of a job from its events and, to its owner, the button that cancels it, with this ``key``."""
    summary = summarise_run(queue.read_events(job.id)[0])
    progress = summary.progress
    if job.state == "queued" or progress is None:
        ahead = queue.queue_position(job.id).ahead
        st.progress(0.0, text=f"{literal(job.name)}: " + (f"{ahead} ahead in the queue" if ahead else "about to start"))
    else:
        st.progress(share_done(summary) or 0.0, text=_describe(progress))
    if job.workspace == workspace():
        st.button("Cancel", key=key, on_click=queue.request_stop, args=(job.id, workspace()))


def _describe(progress: dict) -> str:
    if progress["unit"] == "bytes":
        done, total = (None if n is None else n / MEGABYTE for n in (progress["done"], progress.get("total")))
        amount = f"{done:,.0f} MB" if total is None else f"{done:,.0f} of {total:,.0f} MB"
    else:
        total = progress.get("total")
        unit = progress["unit"]
        amount = f"{progress['done']:,} {unit}" if not total else f"{progress['done']:,} of {total:,} {unit}"
    left = progress.get("seconds_left")
    return f"{progress['what']}: {amount}" + (f", {duration(left)} left" if left else "")
