"""The project as a file: saved as a zip, and opened again, on this machine or another."""

import re
from functools import partial
from typing import BinaryIO

import streamlit as st

from cnn.data.own import own_datasets, project_file
from cnn.data.own.project_file import ProjectLimits, ReadProject
from cnn.errors import CnnError
from cnn.model.pretrained_bases import Base
from pages.lessons.teach_your_own import edits, session
from pages.shell.page_layout import plain_notice, prose
from pages.widgets.uploads.uploaders import upload_one

LIMITS = ProjectLimits(session.MAX_CLASSES, session.MAX_PHOTOS, session.MAX_PHOTOS_TOTAL)
OPENING, READ = "teach.opening", "teach.read_project"
REFUSALS_SHOWN = 5


def offer_to_open() -> None:
    """The button that has ``show_opening`` ask for a file."""
    st.button("Open a project", key="teach.open", icon=":material/folder_open:", on_click=_begin_opening)


def offer_to_save() -> None:
    """The button that downloads the project."""
    names, pictures = session.project().names, [[photo.picture for photo in group] for group in session.photos()]
    st.download_button(
        "Save the project",
        partial(project_file.write_project, names, pictures),
        f"{_file_name(names)}.zip",
        "application/zip",
        key="teach.save",
        icon=":material/save:",
        on_click="ignore",
        disabled=not any(pictures),
    )


def show_opening(base: Base) -> None:
    """While a project is to be opened, ask for its file in a dialog."""
    if st.session_state.get(OPENING):
        st.dialog("Open a project", on_dismiss=_end_opening)(_ask_for_file)(base)


def _ask_for_file(base: Base) -> None:
    prose(
        "Choose a zip that *Save the project* has made, or any other with a folder of photos for each class: up to "
        f"{LIMITS.classes} classes and {LIMITS.photos} photos."
    )
    file = upload_one("Zip file", ["zip"], key="teach.file", max_upload_size=own_datasets.MAX_UPLOAD // 2**20)
    if file is None:
        return
    read = _read_once(file.file_id, file.as_file())
    if isinstance(read, str):
        plain_notice(read, key="teach.file.problem")
        return
    own = session.own_photos()
    if own:
        found = f"{edits.count_photos(sum(map(len, read.photos)))} in {_count_classes(len(read.names))}"
        prose(
            f"This project has {found}. They take the place of your {edits.count_photos(own)} here. You can undo it "
            "right afterwards.",
            key="teach.file.question",
        )
        with st.container(horizontal=True):
            replace = st.button("Replace them", key="teach.file.yes", type="primary")
            if st.button("Cancel", key="teach.file.no"):
                _end_opening()
                st.rerun()
        if not replace:
            return
    _take(base, read)
    _end_opening()
    st.rerun()


def _read_once(file_id: str, file: BinaryIO) -> ReadProject | str:
    """The project in a file, or why there is none; read again only when the file is another one."""
    if st.session_state.get(READ, (None, None))[0] != file_id:
        try:
            with st.spinner("Reading the photos …"):
                read: ReadProject | str = project_file.read_project(file, LIMITS, session.shrink_photo)
        except CnnError as error:
            read = str(error)
        st.session_state[READ] = file_id, read
    return st.session_state[READ][1]


def _take(base: Base, read: ReadProject) -> None:
    with st.spinner("The base looks at the photos …"):
        groups = tuple(tuple(session.prepare_photos(base, group)) for group in read.photos)
    taken = sum(map(len, groups))
    edits.replace_all(
        session.Project(tuple(read.names), groups, None),
        f"Opened: {edits.count_photos(taken)} in {_count_classes(len(groups))}.",
    )
    problems, more = read.refusals[:REFUSALS_SHOWN], len(read.refusals) - REFUSALS_SHOWN
    if more > 0:
        problems.append(f"{more} more files were not taken.")
    if read.left_out:
        problems.append(
            f"The zip has {taken + read.left_out:,} photos; a class can have {LIMITS.photos_of_class}, all together "
            f"{LIMITS.photos}, so {taken} were taken."
        )
    st.session_state[session.PROBLEMS] = problems


def _begin_opening() -> None:
    st.session_state[OPENING] = True


def _end_opening() -> None:
    for key in (OPENING, READ):
        st.session_state.pop(key, None)


def _count_classes(count: int) -> str:
    return "1 class" if count == 1 else f"{count} classes"


def _file_name(names: tuple[str, ...]) -> str:
    """The classes' names, as a name that every system's folders accept."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "-", ", ".join(names))[:60].strip(" .") or "project"
