"""Import of a model: one that was downloaded from this app, or one that any Keras has saved."""

from functools import partial

import streamlit as st

from cnn.errors import JobError
from cnn.jobs import queue
from cnn.model import store
from cnn.model.exchange import admission
from cnn.requests import models as model_requests
from cnn.requests import names
from pages.lessons.models.keep_model import keep_view
from pages.shell import selection
from pages.shell.errors import attempt, refusal
from pages.shell.page_layout import notice, plain_notice, prose
from pages.shell.text import duration, literal
from pages.shell.workspace import workspace
from pages.widgets.job_progress import watch_job
from pages.widgets.name_field import ask_name, forget_name
from pages.widgets.uploads.upload import Upload
from pages.widgets.uploads.uploaders import upload_one

KEY = "models.bring"
_ADMISSION = "models.bringing"
_ADDED = "models.brought"  # the model that this session has added last
_TITLE = "models.import_name"
_UPLOADS = "models.sent"  # uploads so far; part of the uploader's key, so that the next one starts empty


def import_view() -> None:
    """The uploader and the state of the visitor's latest import; a model that was added takes their place."""
    job = model_requests.latest_import_job(workspace())
    refused = refusal(KEY)
    inspected = None if job is None else _inspected(job)
    open_ended = inspected is not None or (job is not None and job.state != "finished")
    added = st.session_state.get(_ADDED)
    if added is not None and store.has_card(added):
        _show_added(added)
    with st.container(key="models.import"), st.expander("Import a model", expanded=open_ended or refused is not None):
        prose(
            "A *.keras* or *.h5* file, from this app or from any program that uses Keras: *model.save* writes one. A "
            "zip that was downloaded here is taken as it is. Files can hold program code, so a file is taken apart in "
            "a process of its own, and only Keras' own layers and their numbers are kept."
        )
        file = upload_one(
            "Your .keras, .h5 or .zip file",
            key=f"models.file.{st.session_state.get(_UPLOADS, 0)}",
            max_upload_size=admission.MAX_BYTES // 2**20,
        )
        if file is not None:
            suggestion = model_requests.name_from_file(file.name)
            ask_name(suggestion, partial(names.free_model_name, workspace=workspace()), key=_TITLE)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Bring it in", key=KEY, disabled=file is None, on_click=attempt, args=(KEY, _import_file, file))
            st.caption(f"Takes about {duration(model_requests.SECONDS_TO_IMPORT)}.")
        if refused is not None:
            plain_notice(refused, key=f"{KEY}.refusal")
        elif job is not None:
            _show_outcome(job)
        if inspected is not None:
            keep_view(inspected)


def _inspected(job: queue.Job) -> queue.Job | None:
    """The network that waits to be kept, if ``job`` has looked at one or has failed to keep it."""
    if job.kind == model_requests.KEEP and job.state not in ("finished", *queue.ACTIVE):
        try:
            job = queue.read(str(job.settings.get("inspected")))
        except JobError:
            return None
    return job if job.kind == model_requests.INSPECT and job.state == "finished" else None


def _import_file(file: Upload) -> None:
    state = st.session_state
    state[_UPLOADS] = state.get(_UPLOADS, 0) + 1
    state.pop(_ADDED, None)
    # What the field has now: a click may come before the page has followed the typing.
    state[_ADMISSION] = model_requests.import_model(file.as_file(), file.name, workspace(), state.get(_TITLE))
    forget_name(_TITLE)


def _show_added(id: str) -> None:
    """Say which model was added, with links to it."""
    with st.container(key="models.added"):
        st.markdown(f"**{literal(store.card(id).title)}** was added to your models, and is selected.")
    with st.container(horizontal=True, key="models.added.links"):
        link = {"model": id}
        st.page_link("predict.py", label="Try a photo on it", query_params=link, icon=":material/photo_camera:")
        st.page_link("feature_maps.py", label="Look inside it", query_params=link, icon=":material/search:")


def _show_outcome(job: queue.Job) -> None:
    """The progress of an admission, or how it ended; a model admitted from this session is selected."""
    if job.state in queue.ACTIVE:
        watch_job(job.id, "models.cancel.bring")
        return
    from_this_session = job.kind != model_requests.INSPECT and st.session_state.pop(_ADMISSION, None) == job.id
    if job.state == "finished" and from_this_session:
        selection.forget_lists()
        selection.select(model=job.id)
        st.session_state[_ADDED] = job.id
        st.rerun()
    if job.state == "interrupted":
        notice("The server was restarted meanwhile. Bring the model once more.", key=f"{KEY}.failure")
    elif job.state != "finished":
        plain_notice(job.reason or "It was stopped, and nothing was kept.", key=f"{KEY}.failure")
