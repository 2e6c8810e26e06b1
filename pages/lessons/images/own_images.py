"""A visitor's own images: upload them, watch the import, see what was refused and why, and delete data sets."""

import json
from functools import partial
from typing import BinaryIO

import streamlit as st

from cnn.data import catalog
from cnn.data.own import importer, own_datasets, zip_reader
from cnn.data.own.image_reader import ReadingChoices
from cnn.jobs import queue
from cnn.requests import datasets as dataset_requests
from pages.lessons.images.class_reading import choose_reading
from pages.shell import selection
from pages.shell.errors import attempt, show_refusal
from pages.shell.page_layout import notice, prose
from pages.shell.text import literal
from pages.shell.workspace import workspace
from pages.widgets.image_input import TYPES
from pages.widgets.job_progress import watch_job
from pages.widgets.job_request import offer_job

UPLOAD_MODES = {"files": "A zip, or files", "folder": "A whole folder"}
REFUSALS_SHOWN = 20
_STARTED_JOB = "images.bringing"
_UPLOAD_COUNT = "images.uploads"  # part of the uploader's key, so that it is empty after each upload


def own_images_view() -> None:
    """Show the upload form, the outcome of the latest import, and the visitor's data sets."""
    min_classes, max_classes = importer.CLASSES
    prose(
        "**Teach a network your own things.** Put the images of each class into a folder of its own, *mugs* and "
        "*plates*, and zip the folder around them, or choose it. Without folders the name says the class: mug1.jpg, "
        "mug2.jpg, plate1.jpg."
    )
    mode = st.segmented_control(
        "How they come", list(UPLOAD_MODES), format_func=UPLOAD_MODES.__getitem__, default="files", key="images.way"
    )
    is_folder, count = mode == "folder", st.session_state.get(_UPLOAD_COUNT, 0)
    files = st.file_uploader(
        "Your images",
        TYPES if is_folder else ["zip", *TYPES],
        accept_multiple_files="directory" if is_folder else True,
        key=f"images.own.{mode}.{count}",
        max_upload_size=own_datasets.MAX_UPLOAD // 2**20,
    )
    st.caption(
        f"{min_classes} to {max_classes} classes, at least {importer.MIN_IMAGES} images of each, at most "
        f"{zip_reader.MAX_FILES:,} images and {own_datasets.MAX_UPLOAD // 2**20} MB. They stay on this server, "
        "and nobody else sees them unless you share the address. Place and time, which phones write into photos, "
        "are removed."
    )
    named_files: list[tuple[str, BinaryIO]] = [(file.name, file) for file in files or []]
    choices = choose_reading(named_files, f"images.reading.{count}") if files else None
    title = st.text_input("What they are called", "My images", max_chars=40, key="images.title", width=300)
    offer_job(
        partial(_start_import, named_files, title, choices),
        label="Make a data set of them",
        key="images.bring",
        cost=None,
        disabled=choices is None,
    )
    job = dataset_requests.latest_import_job(workspace())
    if job is not None:
        _show_outcome(job)
    _show_own_datasets()


def _start_import(files: list[tuple[str, BinaryIO]], title: str, choices: ReadingChoices | None) -> None:
    state = st.session_state
    state[_STARTED_JOB] = dataset_requests.import_images(files, title.strip() or "My images", workspace(), choices)
    state[_UPLOAD_COUNT] = state.get(_UPLOAD_COUNT, 0) + 1


def _show_outcome(job: queue.Job) -> None:
    """Show the job's progress, or its result and the refused files once it has ended."""
    if job.state in queue.ACTIVE:
        watch_job(job.id)
        return
    name, refusals = str(job.settings["dataset"]), _read_refusals(job)
    if st.session_state.pop(_STARTED_JOB, None) == job.id and job.state == "finished":
        selection.forget_lists()
        selection.select(dataset=name)
        st.rerun()
    if job.state == "finished" and catalog.is_prepared(name):
        dataset_info = catalog.info(name)
        with st.container(key="images.brought"):
            st.markdown(f"**{dataset_info.title}** is a data set now: {dataset_info.about} The pages show it.")
        for note in _read_notes(job):
            prose(f"→ {literal(note)}")
    elif job.state in ("failed", "stopped"):
        notice(job.reason or "It was stopped, and nothing was kept.", key="images.bring.failure")
    elif job.state == "interrupted":
        notice("The server was restarted meanwhile. Send your images once more.", key="images.bring.failure")
    if refusals:
        single = len(refusals) == 1
        shown = [f"- {sentence}" for _, sentence in refusals[:REFUSALS_SHOWN]]
        more = len(refusals) - REFUSALS_SHOWN
        with st.container(key="images.refused"):
            st.markdown(f"**{len(refusals)} {'file was' if single else 'files were'} not taken:**")
            prose("\n".join([*shown, f"- and {more} more"] if more > 0 else shown))


def _read_refusals(job: queue.Job) -> importer.Refusals:
    try:
        return [(str(name), str(sentence)) for name, sentence in json.loads((job.folder / "refused.json").read_text())]
    except (OSError, ValueError, TypeError):
        return []


def _read_notes(job: queue.Job) -> list[str]:
    try:
        return [str(note) for note in json.loads((job.folder / "notes.json").read_text())]
    except (OSError, ValueError, TypeError):
        return []


def _show_own_datasets() -> None:
    for name in own_datasets.names(workspace()):
        dataset_info = catalog.info(name)
        names = ", ".join(map(literal, dataset_info.class_names))
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"images.own_dataset.{name}"):
            st.markdown(f"**{dataset_info.title}**: {names}. {dataset_info.about}")
            st.button("Look at them", key=f"images.use.{name}", on_click=_select_dataset, args=(name,))
            confirmed = st.checkbox("Delete for good", key=f"images.sure.{name}")
            key = f"images.delete.{name}"
            st.button("Delete", key=key, disabled=not confirmed, on_click=attempt, args=(key, _delete_dataset, name))
        show_refusal(key)


def _select_dataset(name: str) -> None:
    selection.select(dataset=name)
    st.session_state["images.view"] = "gallery"


def _delete_dataset(name: str) -> None:
    own_datasets.delete_images(name, workspace())
    selection.forget_lists()
    if selection.dataset() == name:
        selection.select(dataset=selection.DEFAULT_DATASET)
