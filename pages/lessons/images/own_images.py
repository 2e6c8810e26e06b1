"""A visitor's own images: bringing them in, watching that, what was refused and why, and deleting them."""

import json
from functools import partial

import streamlit as st

from cnn.data import catalog
from cnn.data.own import importer, own_datasets, zip_reader
from cnn.jobs import queue
from cnn.requests import datasets as dataset_requests
from pages.shell import selection
from pages.shell.errors import attempt, show_refusal
from pages.shell.page_layout import notice, prose
from pages.shell.workspace import workspace
from pages.widgets.image_input import TYPES
from pages.widgets.job_progress import watch_job
from pages.widgets.job_request import offer_job

WAYS = {"files": "A zip, or files", "folder": "A whole folder"}
REFUSED_SHOWN = 20
_BRINGING = "images.bringing"
_UPLOADS = "images.uploads"  # how many have been sent: the next one gets an empty box


def own_images_view() -> None:
    """The whole view."""
    least, most = importer.CLASSES
    prose(
        "**Teach a network your own things.** Put the images of each class into a folder of its own, *mugs* and "
        "*plates*, and zip the folder around them, or choose it. Without folders the name says the class: mug1.jpg, "
        "mug2.jpg, plate1.jpg."
    )
    way = st.segmented_control("How they come", list(WAYS), format_func=WAYS.get, default="files", key="images.way")
    whole = way == "folder"
    files = st.file_uploader(
        "Your images",
        TYPES if whole else ["zip", *TYPES],
        accept_multiple_files="directory" if whole else True,
        key=f"images.own.{way}.{st.session_state.get(_UPLOADS, 0)}",
        max_upload_size=own_datasets.MAX_UPLOAD // 2**20,
    )
    st.caption(
        f"{least} to {most} classes, at least {importer.MIN_IMAGES} images of each, at most {zip_reader.MAX_FILES:,} "
        f"images and {own_datasets.MAX_UPLOAD // 2**20} MB. They stay on this server, and nobody else sees them unless "
        "you share the address. Place and time, which phones write into photos, are removed."
    )
    title = st.text_input("What they are called", "My images", max_chars=40, key="images.title", width=300)
    offer_job(
        partial(_bring, [(file.name, file) for file in files or []], title),
        label="Make a data set of them",
        key="images.bring",
        cost=None,
        disabled=not files,
    )
    job = dataset_requests.latest_images(workspace())
    if job is not None:
        _show_outcome(job)
    _sets()


def _bring(files: list, title: str) -> None:
    state = st.session_state
    state[_BRINGING] = dataset_requests.bring_images(files, title.strip() or "My images", workspace())
    state[_UPLOADS] = state.get(_UPLOADS, 0) + 1


def _show_outcome(job: queue.Job) -> None:
    """How the newest job stands, or how it ended."""
    if job.state in queue.ACTIVE:
        watch_job(job.id)
        return
    name, refused = str(job.settings["dataset"]), _refused(job)
    if st.session_state.pop(_BRINGING, None) == job.id and job.state == "finished":
        selection.forget_lists()
        selection.select(dataset=name)
        st.rerun()
    if job.state == "finished" and catalog.is_prepared(name):
        known = catalog.info(name)
        st.markdown(f"**{known.title}** is a data set now: {known.about} The pages show it.")
    elif job.state in ("failed", "stopped"):
        notice(job.reason or "It was stopped, and nothing was kept.")
    elif job.state == "interrupted":
        notice("The server was restarted meanwhile. Send your images once more.")
    if refused:
        one = len(refused) == 1
        st.markdown(f"**{len(refused)} {'file was' if one else 'files were'} not taken:**")
        shown = [f"- {sentence}" for _, sentence in refused[:REFUSED_SHOWN]]
        more = len(refused) - REFUSED_SHOWN
        prose("\n".join([*shown, f"- and {more} more"] if more > 0 else shown))


def _refused(job: queue.Job) -> importer.Refusals:
    try:
        return [(str(name), str(sentence)) for name, sentence in json.loads((job.folder / "refused.json").read_text())]
    except (OSError, ValueError, TypeError):
        return []


def _sets() -> None:
    for name in own_datasets.names(workspace()):
        known = catalog.info(name)
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{known.title}**: {', '.join(known.class_names)}. {known.about}")
            st.button("Look at them", key=f"images.use.{name}", on_click=_use, args=(name,))
            sure = st.checkbox("Delete for good", key=f"images.sure.{name}")
            key = f"images.delete.{name}"
            st.button("Delete", key=key, disabled=not sure, on_click=attempt, args=(key, _delete, name))
        show_refusal(key)


def _use(name: str) -> None:
    selection.select(dataset=name)
    st.session_state["images.view"] = "gallery"


def _delete(name: str) -> None:
    own_datasets.delete(name, workspace())
    selection.forget_lists()
    if selection.dataset() == name:
        selection.select(dataset=selection.DEFAULT_DATASET)
