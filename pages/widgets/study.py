"""A study of the model in hand on a page: the button that asks for it, its progress, and what it found."""

import streamlit as st

from cnn.analysis import studies
from cnn.errors import CnnError
from cnn.jobs import queue
from cnn.model import store
from pages.shell.page_layout import notice
from pages.shell.text import duration
from pages.shell.workspace import workspace
from pages.widgets.job_progress import watch


def studied(
    card: store.Card, study: str, settings: studies.Settings, *, label: str, seconds: float, page: str
) -> studies.Found | None:
    """What a study found; while it has not been done, the button or the progress, and None.

    Args:
        label: of the button.
        seconds: how long it takes, said beside the button.
        page: prefix of the page's widget keys.
    """
    found = studies.found(card, study, settings)
    if found is not None:
        return found
    wanted = studies.key(card, study, settings)
    job = next((job for job in queue.jobs(kind="study") if job.key == wanted), None)
    if job is not None and job.state in queue.ACTIVE:
        watch(job.id, f"{page}.cancel")
        return None
    if job is not None and job.state != "finished":
        notice(job.reason or f"It was {job.state}, and nothing half done was kept. You can ask for it again.")
    place = queue.forecast(workspace())
    ahead = f" {place.ahead} ahead of you in the queue." if place.ahead else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            label, type="primary", key=f"{page}.study.{study}", on_click=_ask, args=(card, study, settings, seconds)
        )
        st.caption(f"Takes about {duration(seconds)}, once; then it is kept.{ahead}")
    if problem := st.session_state.pop("studied.problem", None):
        notice(problem)
    return None


def _ask(card: store.Card, study: str, settings: studies.Settings, seconds: float) -> None:
    try:
        studies.request(card, study, settings, workspace=workspace(), seconds=seconds)
    except CnnError as error:
        st.session_state["studied.problem"] = str(error)
