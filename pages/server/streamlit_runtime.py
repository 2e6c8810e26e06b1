"""Streamlit's runtime with what it offers no setting for: where uploads are kept, and that no message is lost."""

import streamlit as st
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from pages.server.uploaded_files import UploadedFilesOnDisk


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


def run_page_again(runtime: Runtime, session_id: str) -> None:
    """Run the page of an open session again as it stands; to be called on the event loop."""
    session = runtime._session_mgr.get_active_session_info(session_id)
    if session is not None:
        session.session.request_rerun(session.session._client_state)


def keep_messages() -> None:
    """Keep two kinds of messages to browsers that Streamlit drops in two rare moments.

    An answer to what a browser has asked for, such as the addresses to upload to: when a run began before the answer
    was sent, it was dropped with what the last run had drawn, and the photo that somebody had just chosen never left
    the browser.

    What a run has sent last: when the run had ended, its last messages waited for the event loop and a fragment was to
    be run again, they came from a run that was no longer the current one. A page went on saying "0 photos". All that a
    run sends is in the loop's queue before the run counts as ended, so the fragment goes to the end of that queue.
    """
    if AppSession.request_rerun is not _request_rerun_after_messages:
        AppSession.request_rerun = _request_rerun_after_messages  # type: ignore[assignment, method-assign]
        AppSession._clear_queue = _clear_queue_of_drawings  # type: ignore[assignment, method-assign]


_ANSWERS = ("file_urls_response", "backend_operation_response", "heartbeat_ack")
_request_rerun, _clear_queue = AppSession.request_rerun, AppSession._clear_queue


def _request_rerun_after_messages(session: AppSession, client_state: ClientState | None) -> None:
    runner = session._scriptrunner
    has_ended = runner is not None and runner._requests._state is ScriptRequestType.STOP
    if has_ended and client_state is not None and client_state.fragment_id:
        session._event_loop.call_soon(_request_rerun, session, client_state)
    else:
        _request_rerun(session, client_state)


def _clear_queue_of_drawings(session: AppSession, fragment_ids_this_run: list[str] | None = None) -> None:
    queue = session._browser_queue._queue
    answers = [message for message in queue if message.WhichOneof("type") in _ANSWERS]
    _clear_queue(session, fragment_ids_this_run)
    kept = {id(message) for message in session._browser_queue._queue}
    for message in answers:
        if id(message) not in kept:
            session._browser_queue.enqueue(message)
