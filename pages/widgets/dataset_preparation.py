"""Downloading and preparing a data set, as a job that any page can offer and watch."""

from functools import partial

import streamlit as st

from cnn.data import catalog
from cnn.data.download import fetch as download
from cnn.data.own.sharing import why_without_images
from cnn.jobs.queue import Job
from cnn.requests import datasets as dataset_requests
from pages.server.startup import startup
from pages.shell.page_layout import notice, prose
from pages.shell.text import literal
from pages.shell.workspace import workspace
from pages.widgets.job_progress import MEGABYTE, show_progress
from pages.widgets.job_request import is_under_way, offer_job, show_failure
from pages.widgets.sample_images import show_sample_images


def offer_preparation(name: str) -> None:
    """Show what preparing ``name`` takes and its button, or the job's progress; sample images meanwhile."""
    dataset = catalog.info(name)
    if dataset.own:
        notice(f"{literal(why_without_images(name))} Models that learned from them still work.", key="images.closed")
        return
    job = dataset_requests.preparation_job(name)
    if _under_way(name, job):
        _watch_preparation(name)
        show_sample_images(name)
        return
    show_failure(job, key="images.prepare.failure")
    if dataset.builtin:
        prose(f"**{dataset.title}** is built in and has to be prepared only once: about 15 seconds.")
        label = f"Prepare {dataset.title}"
    elif catalog.needs_download(name):
        size = download.download_size(dataset.builder) / MEGABYTE
        prose(
            f"**{dataset.title}** is not on this machine. It is fetched once from its publisher, **{size:,.0f} MB**, "
            "and then kept for everyone."
        )
        label = f"Download {dataset.title} ({size:,.0f} MB)"
    else:
        prose(
            f"A copy of **{dataset.title}** was found on this machine. It has to be laid out once, in under a minute."
        )
        label = f"Prepare {dataset.title}"
    offer_job(partial(dataset_requests.prepare, name, workspace()), label=label, key="images.prepare", cost=None)
    show_sample_images(name)


def _under_way(name: str, job: Job | None) -> bool:
    return startup.is_about_to_prepare(name) or is_under_way(job)


def _watch_preparation(name: str) -> None:
    """Show the progress, updated every second; when the job has ended, the page reruns."""

    @st.fragment(run_every=1.0)
    def live() -> None:
        job = dataset_requests.preparation_job(name)
        if catalog.is_prepared(name) or not _under_way(name, job):
            st.rerun()
        if job is None or not is_under_way(job):
            st.progress(0.0, text=f"Prepare {catalog.info(name).title}: the server has just started")
            return
        show_progress(job)

    live()
