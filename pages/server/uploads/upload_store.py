"""Streamlit's runtime with a store of uploads of the app's own, which ``st.App`` offers no setting for."""

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from pages.server.uploads.uploaded_files import UploadedFilesOnDisk


def keep_uploads_on_disk(app: st.App) -> None:
    """Have the runtime that ``app`` will create keep uploads in ``UploadedFilesOnDisk``.

    ``streamlit run`` looks for ``st.App`` by its name in the source, so it cannot be a subclass.
    """
    create_runtime = app._create_runtime

    def create_runtime_with_uploads_on_disk() -> Runtime:
        runtime = create_runtime()
        in_memory, sessions = runtime.uploaded_file_mgr, runtime._session_mgr
        assert isinstance(in_memory, MemoryUploadedFileManager)
        assert isinstance(sessions, WebsocketSessionManager)
        runtime._uploaded_file_mgr = sessions._uploaded_file_mgr = UploadedFilesOnDisk(in_memory.endpoint)
        return runtime

    app._create_runtime = create_runtime_with_uploads_on_disk  # type: ignore[method-assign]


def delete_uploads() -> None:
    """Delete what was uploaded, when the server ends."""
    files = Runtime.instance().uploaded_file_mgr
    if isinstance(files, UploadedFilesOnDisk):
        files.close()
