"""Streamlit's ways to bring files in; they give files that are read from disk when a page asks."""

from collections.abc import Sequence
from typing import Any, Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.server.uploads.uploaded_files import BytesOnDisk, UploadedFilesOnDisk
from pages.shell.page_layout import notice
from pages.widgets.uploads.upload import Upload


def upload_one(label: str, types: Sequence[str] | None = None, **options: Any) -> Upload | None:
    """``st.file_uploader`` for one file, and why the latest was refused if it was."""
    file = st.file_uploader(label, types, **options)
    _show_refusal()
    return None if file is None else _upload(file)


def upload_several(
    label: str, types: Sequence[str] | None = None, *, several: Literal[True, "directory"] = True, **options: Any
) -> list[Upload]:
    """``st.file_uploader`` for several files, or a folder of them, and why the latest was refused if it was."""
    files = st.file_uploader(label, types, accept_multiple_files=several, **options)
    _show_refusal()
    return [_upload(file) for file in files]


def take_photo(label: str, **options: Any) -> Upload | None:
    """``st.camera_input``, and why its photo was refused if it was."""
    file = st.camera_input(label, **options)
    _show_refusal()
    return None if file is None else _upload(file)


def _upload(file: UploadedFile) -> Upload:
    context = get_script_run_ctx()
    assert context is not None  # a page runs
    records = context.uploaded_file_mgr.get_files(context.session_id, [file.file_id])
    data = records[0].data if records else b""  # none if the visitor has just taken the file away
    return Upload(file.name, file.file_id, file.size, data.path if isinstance(data, BytesOnDisk) else data)


def _show_refusal() -> None:
    """Say why an upload was refused; the server runs the page again when it refuses one."""
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, UploadedFilesOnDisk):
        return
    if (sentence := context.uploaded_file_mgr.refusal(context.session_id)) is not None:
        notice(sentence, key="upload.refused")
