"""The chip on every page that tells how far the visitor's newest job is, and leads to where it can be followed."""

from typing import Any

import streamlit as st

from cnn.jobs import queue
from cnn.jobs.queue import Job
from cnn.requests.purpose import Purpose, purpose
from cnn.training.run_summary import share_done, summarise_run
from pages.shell.own_jobs.under_way import find_job
from pages.shell.text import percent

_SECONDS = 2.0  # between two looks at a job that is under way
# What the chip says, the page on which the job can be followed, and which of its settings the address there names.
_FOLLOWING: dict[Purpose, tuple[str, str, tuple[str, ...]]] = {
    "training": ("Training", "training.py", ()),
    "comparison": ("Training", "augmentation.py", ("dataset",)),
    "transfer": ("Training", "transfer_learning.py", ("dataset",)),
    "study": ("Computing", "evaluation.py", ("model",)),
    "data set": ("Preparing images", "images.py", ("dataset",)),
    "own images": ("Reading your images", "images.py", ()),
    "evaluation": ("Evaluating", "evaluation.py", ("model",)),
    "weights": ("Downloading", "transfer_learning.py", ()),
    "model": ("Working on a model", "models.py", ()),
}
_VIEWS = {"comparison": {"augmentation.view": "help"}, "own images": {"images.view": "own"}}
_PAGES_OF_STUDIES = {"history": "time_machine.py", "strongest image": "feature_maps.py"}


def show_job_chip(jobs: list[Job]) -> None:
    """Show the chip while a job of the visitor's is queued or running.

    When one ends, the page reruns: what the job has made is there then.

    Args:
        jobs: the visitor's that are queued or running, newest first.
    """
    if not jobs:
        return

    @st.fragment(run_every=_SECONDS)
    def live() -> None:
        now = [job for job in (find_job(job.id) for job in jobs) if job is not None and job.state in queue.ACTIVE]
        if len(now) < len(jobs):
            st.rerun()
        file, query = place_to_follow(now[0])
        with st.container(key="shell.job_chip", width="content"):
            st.page_link(file, label=describe_jobs(now), icon=":material/timelapse:", query_params=query)

    live()


def describe_jobs(jobs: list[Job]) -> str:
    """What the newest job does and how far it is, and how many others there are, as in "Training: 40 %, and 1 more".

    Args:
        jobs: queued or running, newest first; at least one.
    """
    job, others = jobs[0], len(jobs) - 1
    doing, _, _ = _FOLLOWING[purpose(job)]
    share = share_done(summarise_run(queue.read_events(job.id)[0]))
    how_far = "waiting its turn" if job.state == "queued" else "…" if share is None else percent(share)
    return f"{doing}: {how_far}" + (f", and {others} more" if others else "")


def place_to_follow(job: Job) -> tuple[str, dict[str, str]]:
    """The page on which a job can be followed, and the query of its address."""
    what = purpose(job)
    _, file, named = _FOLLOWING[what]
    query = {name: str(job.settings[name]) for name in named if name in job.settings} | _VIEWS.get(what, {})
    if what == "training":
        query["run"] = job.id
    return _place_of_study(job.settings, query) if what == "study" else (file, query)


def _place_of_study(settings: dict[str, Any], query: dict[str, str]) -> tuple[str, dict[str, str]]:
    study = str(settings.get("study"))
    if study in _PAGES_OF_STUDIES:
        return _PAGES_OF_STUDIES[study], query
    return "evaluation.py", query | {"level": "lab", "evaluation.view": study}
