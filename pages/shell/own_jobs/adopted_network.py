"""The network of a run that has just finished becomes the visitor's selected model: said, and undone with a click."""

from typing import NamedTuple

import streamlit as st

from cnn.jobs.queue import Job
from cnn.model import store
from cnn.requests.purpose import purpose
from pages.shell import selection
from pages.shell.own_jobs.under_way import find_job
from pages.shell.text import literal
from pages.shell.workspace import workspace

_KNOWN, _ADOPTED, _SAID_ON = "shell.jobs_under_way", "shell.adopted", "shell.adopted_page"


class Adopted(NamedTuple):
    """A network that was selected because it had finished, and what was selected before."""

    model: str
    title: str
    dataset_before: str
    model_before: str | None
    title_before: str | None


def adopt_finished_network(under_way: list[Job]) -> None:
    """Select the network that a run of the visitor's has made, if one has finished since the last rerun.

    Call it on every rerun, before the selection is read.

    Args:
        under_way: the visitor's jobs that are queued or running.
    """
    known = st.session_state.get(_KNOWN, [])
    finished = [job for job in map(find_job, known) if job is not None and _has_made_network(job)]
    st.session_state[_KNOWN] = [job.id for job in under_way]
    if not finished:
        return
    selection.forget_lists()  # they lack the new model
    before, card = selection.find_card(selection.model()), store.card(finished[0].id)
    st.session_state[_ADOPTED] = Adopted(
        card.id,
        card.title,
        selection.dataset(),
        before.id if before else None,
        before.title if before else None,
    )
    st.session_state.pop(_SAID_ON, None)
    selection.select(model=card.id)


def show_adopted_network(page: str) -> None:
    """Say so until the visitor leaves the page or selects another model, with the button that undoes it.

    Args:
        page: prefix of the page that is being shown.
    """
    adopted: Adopted | None = st.session_state.get(_ADOPTED)
    if adopted is None:
        return
    if st.session_state.setdefault(_SAID_ON, page) != page or selection.model() != adopted.model:
        del st.session_state[_ADOPTED]
        return
    with st.container(key="shell.adopted", horizontal=True, vertical_alignment="center"):
        text = f"Your network **{literal(adopted.title)}** has finished training and is the selected model now."
        st.markdown(text, width="content")
        if adopted.title_before is not None:
            label = f"Undo: select {literal(adopted.title_before)} again"
            st.button(label, key="shell.adopted.undo", type="tertiary", on_click=_undo, args=(adopted,))


def _undo(adopted: Adopted) -> None:
    selection.select(dataset=adopted.dataset_before, model=adopted.model_before)
    st.session_state.pop(_ADOPTED, None)


def _has_made_network(job: Job) -> bool:
    has_ended = job.state in ("finished", "stopped") and store.has_card(job.id)
    return has_ended and job.workspace == workspace() and purpose(job) in ("training", "transfer")
