"""A visitor's own images: upload them, watch the import, see what was refused and why, and delete data sets."""

from functools import partial
from typing import BinaryIO

import streamlit as st

from cnn.data import catalog
from cnn.data.own import importer, own_datasets, sharing, zip_reader
from cnn.data.own.image_reader import ReadingChoices
from cnn.errors import DamagedFileError
from cnn.jobs import queue
from cnn.requests import datasets as dataset_requests
from cnn.requests import names
from cnn.stored_files import read_json
from pages.lessons.images.class_reading import choose_reading
from pages.lessons.images.dataset_cache import image_thumbnail
from pages.shell import selection
from pages.shell.errors import attempt, show_refusal
from pages.shell.page_layout import notice, plain_notice, prose
from pages.shell.text import literal
from pages.shell.workspace import workspace
from pages.widgets.image_input import TYPES
from pages.widgets.image_strip.dataset_images import find_thumbnail
from pages.widgets.job_progress import watch_job
from pages.widgets.job_request import offer_job
from pages.widgets.name_field import ask_name, forget_name
from pages.widgets.uploads.uploaders import upload_several

UPLOAD_MODES = {"files": "A zip, or files", "folder": "A whole folder"}
REFUSALS_SHOWN = 20
_STARTED_JOB = "images.bringing"
_SEEN = "images.seen"  # the import whose outcome the visitor has put aside to bring in more
_TITLE = "images.title"
_WHO_SEES = {
    False: "Only you see these images. Others with a link to them, or to their network, see title and classes.",
    True: "Whoever gets a link to them, or to a network that learned from them, sees the images and can train on them.",
}
_UPLOAD_COUNT = "images.uploads"  # part of the uploader's key, so that it is empty after each upload


def own_images_view() -> None:
    """Show the upload form or, in its place, the latest import and what came of it; then the visitor's data sets."""
    job = dataset_requests.latest_import_job(workspace())
    if job is not None and job.state in queue.ACTIVE:
        watch_job(job.id)
    elif job is not None and _is_added(job) and st.session_state.get(_SEEN) != job.id:
        _show_added(job)
    else:
        _show_form()
        if job is not None and job.state != "finished":
            _show_failure(job)
    _show_own_datasets()


def _show_form() -> None:
    """Show the uploader and, once files are chosen, the questions about them."""
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
    files = upload_several(
        "Your images",
        TYPES if is_folder else ["zip", *TYPES],
        several="directory" if is_folder else True,
        key=f"images.own.{mode}.{count}",
        max_upload_size=own_datasets.MAX_UPLOAD // 2**20,
    )
    st.caption(
        f"{min_classes} to {max_classes} classes, at least {importer.MIN_IMAGES} images of each, at most "
        f"{zip_reader.MAX_FILES:,} images and {own_datasets.MAX_UPLOAD // 2**20} MB. They stay on this server, "
        "and nobody else sees them unless you share them. Place and time, which phones write into photos, are removed."
    )
    named_files: list[tuple[str, BinaryIO]] = [(file.name, file.as_file()) for file in files]
    choices, title = None, ""
    if files:
        choices = choose_reading(named_files, f"images.reading.{count}")
        free = partial(names.free_dataset_name, workspace=workspace())
        suggestion = _suggest_name(named_files[0][0])
        title = ask_name(suggestion, free, key=_TITLE, label="Name of the data set", most=names.MAX_DATASET_NAME)
    offer_job(
        partial(_start_import, named_files, title, choices),
        label="Make a data set of them",
        key="images.bring",
        cost=None,
        disabled=choices is None,
    )


def _suggest_name(first_file: str) -> str:
    """A name for the data set: that of the zip, or of the folder around all."""
    stem, _, ending = first_file.rpartition(".")
    if ending.lower() == "zip":
        return stem
    return first_file.partition("/")[0] if "/" in first_file else "My images"


def _start_import(files: list[tuple[str, BinaryIO]], title: str, choices: ReadingChoices | None) -> None:
    state = st.session_state
    state[_STARTED_JOB] = dataset_requests.import_images(files, title, workspace(), choices)
    state[_UPLOAD_COUNT] = state.get(_UPLOAD_COUNT, 0) + 1
    forget_name(_TITLE)


def _is_added(job: queue.Job) -> bool:
    """Whether a job has made a data set that is still there."""
    name = str(job.settings.get("dataset"))
    return job.state == "finished" and catalog.is_known(name) and catalog.is_prepared(name)


def _show_added(job: queue.Job) -> None:
    """Say what was added, with links to it; select it if it was added just now."""
    name = str(job.settings["dataset"])
    if st.session_state.pop(_STARTED_JOB, None) == job.id:
        selection.forget_lists()
        selection.select(dataset=name)
        st.rerun()
    dataset_info = catalog.info(name)
    with st.container(key="images.brought"):
        st.markdown(f"**{literal(dataset_info.title)}** was added to your data sets: {dataset_info.about}")
    with st.container(horizontal=True, vertical_alignment="center", key="images.next"):
        link = {"dataset": name}
        st.page_link(
            "images.py",
            label="Look at them",
            query_params={**link, "images.view": "gallery"},
            icon=":material/photo_library:",
        )
        st.page_link("training.py", label="Train a network on them", query_params=link, icon=":material/play_arrow:")
        st.button("Bring in more", key="images.more", on_click=_see, args=(job.id,))
    for note in _read_notes(job):
        prose(f"→ {literal(note)}")
    _show_refusals(job)


def _see(id: str) -> None:
    st.session_state[_SEEN] = id


def _show_failure(job: queue.Job) -> None:
    """Say why no data set came of an import."""
    if job.state in ("failed", "stopped"):
        plain_notice(job.reason or "It was stopped, and nothing was kept.", key="images.bring.failure")
    elif job.state == "interrupted":
        notice("The server was restarted meanwhile. Send your images once more.", key="images.bring.failure")
    _show_refusals(job)


def _show_refusals(job: queue.Job) -> None:
    """List the files that were not taken, each with its reason."""
    refusals = _read_refusals(job)
    if refusals:
        single = len(refusals) == 1
        shown = [f"- {literal(sentence)}" for _, sentence in refusals[:REFUSALS_SHOWN]]
        more = len(refusals) - REFUSALS_SHOWN
        with st.container(key="images.refused"):
            st.markdown(f"**{len(refusals)} {'file was' if single else 'files were'} not taken:**")
            prose("\n".join([*shown, f"- and {more} more"] if more > 0 else shown))


def _read_refusals(job: queue.Job) -> importer.Refusals:
    try:
        return [(str(name), str(sentence)) for name, sentence in read_json(job.folder / "refused.json")]
    except (DamagedFileError, ValueError, TypeError):
        return []


def _read_notes(job: queue.Job) -> list[str]:
    try:
        return [str(note) for note in read_json(job.folder / "notes.json")]
    except (DamagedFileError, TypeError):
        return []


def _show_own_datasets() -> None:
    for name in own_datasets.names(workspace()):
        dataset_info = catalog.info(name)
        names = ", ".join(map(literal, dataset_info.class_names))
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"images.own_dataset.{name}"):
            st.markdown(f"**{literal(dataset_info.title)}**: {names}. {dataset_info.about}")
            st.button("Look at them", key=f"images.use.{name}", on_click=_select_dataset, args=(name,))
            _offer_sharing(name)
            confirmed = st.checkbox("Delete for good", key=f"images.sure.{name}")
            key = f"images.delete.{name}"
            st.button("Delete", key=key, disabled=not confirmed, on_click=attempt, args=(key, _delete_dataset, name))
        show_refusal(key)
        show_refusal(_sharing_key(name))


def _offer_sharing(name: str) -> None:
    """Show the button that shares a data set or takes that back, and who sees the images now."""
    shared = sharing.is_shared(name)
    label, icon = ("Stop sharing", ":material/lock:") if shared else ("Share", ":material/group:")
    key = _sharing_key(name)
    st.button(label, key=key, icon=icon, on_click=attempt, args=(key, _share, name, not shared))
    st.caption(_WHO_SEES[shared])


def _sharing_key(name: str) -> str:
    return f"images.share.{name}"


def _share(name: str, shared: bool) -> None:
    sharing.share(name, workspace(), shared=shared)
    selection.forget_lists()  # for others the set has another name now


def _select_dataset(name: str) -> None:
    selection.select(dataset=name)
    st.session_state["images.view"] = "gallery"


def _delete_dataset(name: str) -> None:
    own_datasets.delete_images(name, workspace())
    image_thumbnail.cache_clear()  # small copies are of other sets too, and soon made again
    find_thumbnail.cache_clear()
    selection.forget_lists()
    if selection.dataset() == name:
        selection.select(dataset=selection.DEFAULT_DATASET)
