"""Import of a model: one that was downloaded from this app, or one that any Keras has saved."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cnn.errors import JobError
from cnn.jobs import queue
from cnn.model.exchange import admission
from cnn.requests import models as model_requests
from pages.lessons.models.keep_model import keep_view
from pages.shell import selection
from pages.shell.errors import attempt, refusal
from pages.shell.page_layout import notice, prose
from pages.shell.text import duration
from pages.shell.workspace import workspace
from pages.widgets.job_progress import watch_job

KEY = "models.bring"
_ADMISSION = "models.bringing"
_UPLOADS = "models.sent"  # uploads so far; part of the uploader's key, so that the next one starts empty


def import_view() -> None:
    """The uploader, and the state of the visitor's latest admission."""
    job = model_requests.latest_import_job(workspace())
    refused = refusal(KEY)
    inspected = None if job is None else _inspected(job)
    open_ended = inspected is not None or (job is not None and job.state != "finished")
    with st.container(key="models.import"), st.expander("Import a model", expanded=open_ended or refused is not None):
        prose(
            "A *.keras* or *.h5* file, from this app or from any program that uses Keras: *model.save* writes one. "
            "Files can hold program code, so a file is taken apart in a process of its own, and only Keras' own layers "
            "and their numbers are kept."
        )
        file = st.file_uploader(
            "Your .keras or .h5 file",
            key=f"models.file.{st.session_state.get(_UPLOADS, 0)}",
            max_upload_size=admission.MAX_BYTES // 2**20,
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Bring it in", key=KEY, disabled=file is None, on_click=attempt, args=(KEY, _import_file, file))
            st.caption(f"Takes about {duration(model_requests.SECONDS_TO_IMPORT)}.")
        if refused is not None:
            notice(refused, key=f"{KEY}.refusal")
        elif job is not None:
            _show_outcome(job)
        if inspected is not None:
            keep_view(inspected)


def _inspected(job: queue.Job) -> queue.Job | None:
    """The network that waits to be kept, if ``job`` has looked at one or has failed to keep it."""
    if job.kind == model_requests.KEEP and job.state not in ("finished", *queue.ACTIVE):
        try:
            job = queue.read(str(job.settings["inspected"]))
        except JobError:
            return None
    return job if job.kind == model_requests.INSPECT and job.state == "finished" else None


def _import_file(file: UploadedFile) -> None:
    state = st.session_state
    state[_UPLOADS] = state.get(_UPLOADS, 0) + 1
    state[_ADMISSION] = model_requests.import_model(file, file.name, workspace())


def _show_outcome(job: queue.Job) -> None:
    """The progress of an admission, or how it ended; a model admitted from this session is selected."""
    if job.state in queue.ACTIVE:
        watch_job(job.id, "models.cancel.bring")
        return
    from_this_session = job.kind != model_requests.INSPECT and st.session_state.pop(_ADMISSION, None) == job.id
    if job.state == "finished" and from_this_session:
        selection.forget_lists()
        selection.select(model=job.id)
        st.rerun()
    if job.state == "interrupted":
        notice("The server was restarted meanwhile. Bring the model once more.", key=f"{KEY}.failure")
    elif job.state != "finished":
        notice(job.reason or "It was stopped, and nothing was kept.", key=f"{KEY}.failure")
