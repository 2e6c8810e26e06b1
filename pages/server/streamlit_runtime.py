"""Streamlit's sessions with what it offers no setting for: running a page again, and messages that are not dropped."""

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType


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
