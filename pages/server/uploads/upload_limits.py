"""ASGI middleware that refuses uploads for which there is no room, before they are read."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import Runtime

from cnn.errors import CnnError
from pages.server.base_path import base_path, path_in_app
from pages.server.streamlit_runtime import run_page_again
from pages.server.uploads.uploaded_files import UploadedFilesOnDisk

_UPLOADS = "/_stcore/upload_file/"


class UploadLimitMiddleware:
    """Answers 413 with a sentence to an upload for which ``UploadedFilesOnDisk`` has no room, and has its page say so.

    Streamlit itself refuses those that no open session has sent.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.base = base_path()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_in_app(scope, self.base) if scope["type"] == "http" else ""
        if not path.startswith(_UPLOADS) or scope["method"] != "PUT":
            await self.app(scope, receive, send)
            return
        runtime = Runtime.instance()
        files = runtime.uploaded_file_mgr
        session_id, _, file_id = path.removeprefix(_UPLOADS).partition("/")
        if not (isinstance(files, UploadedFilesOnDisk) and runtime.is_active_session(session_id)):
            await self.app(scope, receive, send)
            return
        address = scope["client"][0] if scope.get("client") else ""
        arrived = 0

        async def receive_within_budget() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            try:
                received(arrived)
            except CnnError as error:
                _refuse(runtime, session_id, error)
                raise HTTPException(413, str(error)) from error
            return message

        try:
            with files.receive(session_id, file_id, address, _declared(scope)) as received:
                await self.app(scope, receive_within_budget, send)
        except CnnError as error:
            _refuse(runtime, session_id, error)
            await PlainTextResponse(str(error), 413, headers={"Connection": "close"})(scope, receive, send)
        if not runtime.is_active_session(session_id):  # it ended meanwhile, and nobody would delete the file
            files.remove_file(session_id, file_id)


def _refuse(runtime: Runtime, session_id: str, error: CnnError) -> None:
    """Keep the sentence for the page: Streamlit's uploader shows the status alone, and does not run the page again."""
    files = runtime.uploaded_file_mgr
    assert isinstance(files, UploadedFilesOnDisk)
    files.refuse(session_id, str(error))
    run_page_again(runtime, session_id)


def _declared(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0
