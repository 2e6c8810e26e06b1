"""Fetching and laying out a data set, as a job that any page can offer and watch."""

import streamlit as st

from cnn.data import catalog
from cnn.data.download import fetch as download
from cnn.errors import CnnError
from cnn.jobs import queue
from cnn.requests import datasets as dataset_requests
from pages.server.startup import startup
from pages.shell.page_layout import notice, prose
from pages.shell.workspace import workspace
from pages.widgets.job_progress import MEGABYTE, show_progress
from pages.widgets.sample_images import samples


def offer(name: str) -> None:
    """What it takes to have ``name`` here, the button, and the progress once it is being made; samples meanwhile."""
    known = catalog.info(name)
    if known.own:
        notice(f"The images of “{known.title}” were deleted. Models that learned from them still work.")
        return
    job = _latest(name)
    if _under_way(name, job):
        _watch(name)
        samples(name)
        return
    if job and job.state in ("failed", "stopped", "interrupted"):
        notice(job.reason or f"Preparing {known.title} was {job.state}. Nothing half done was kept.")
    if known.builtin:
        prose(f"**{known.title}** is built in and only has to be made once: about 15 seconds.")
        label = f"Make {known.title}"
    elif catalog.needs_download(name):
        size = download.download_size(known.builder) / MEGABYTE
        prose(
            f"**{known.title}** is not on this machine. It is fetched once from its publisher, **{size:,.0f} MB**, "
            "and then kept for everyone. Without internet, set `TFDS_DATA_DIR` to a folder with a prepared copy."
        )
        label = f"Download {known.title} ({size:,.0f} MB)"
    else:
        prose(f"A copy of **{known.title}** was found on this machine. It has to be laid out once, in under a minute.")
        label = f"Prepare {known.title}"
    st.button(label, type="primary", key="images.prepare", on_click=start, args=(name, workspace()))
    if problem := st.session_state.pop("images.problem", None):
        notice(problem)
    samples(name)


def start(name: str, workspace: str) -> None:
    """Ask for ``name``; say why when it is not possible."""
    try:
        dataset_requests.request(name, workspace)
    except CnnError as error:
        st.session_state["images.problem"] = str(error)


def _latest(name: str) -> queue.Job | None:
    return next((job for job in queue.jobs(kind="prepare") if job.settings.get("dataset") == name), None)


def _under_way(name: str, job: queue.Job | None) -> bool:
    return startup.is_about_to_make(name) or (job is not None and job.state in queue.ACTIVE)


def _watch(name: str) -> None:
    """The progress, renewed every second; when it has ended, the page goes on by itself."""

    @st.fragment(run_every=1.0)
    def live() -> None:
        job = _latest(name)
        if catalog.is_prepared(name) or not _under_way(name, job):
            st.rerun()
        if job is None or job.state not in queue.ACTIVE:
            st.progress(0.0, text=f"Make {catalog.info(name).title}: the server has just started")
            return
        show_progress(job)

    live()
