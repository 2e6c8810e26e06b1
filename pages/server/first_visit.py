"""Opens every lesson once on a server that has just started, so that no visitor waits for what only a first time takes.

The first one to open a page waits while modules are imported, networks loaded and their functions traced; everybody
else waits too, because Python does one thing at a time.
"""

import asyncio
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import Runtime

if TYPE_CHECKING:
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

SECONDS_A_PAGE = 60.0


class _Visitor:
    """Takes what a page sends, and keeps nothing but that it has finished.

    A ``SessionClient`` of Streamlit; without a ``client_context`` it has neither a cookie nor an address.
    """

    client_context = None

    def __init__(self) -> None:
        self.finished = threading.Event()

    def write_forward_msg(self, message: "ForwardMsg") -> None:
        """Take a message."""
        if message.WhichOneof("type") == "script_finished":
            self.finished.set()


def open_pages(loop: asyncio.AbstractEventLoop, pages: Sequence[str], closing: threading.Event) -> None:
    """Open pages one after the other, in a session that ends with the last; errors show in the log, as all do.

    Args:
        loop: the server's event loop. This is called in another thread.
        pages: their names, as in the address.
        closing: ends it before the next page.
    """
    runtime, visitor = Runtime.instance(), _Visitor()

    async def connect() -> str:
        return runtime.connect_session(visitor, {})

    session = asyncio.run_coroutine_threadsafe(connect(), loop).result()
    try:
        for page in pages:
            if closing.is_set():
                return
            visitor.finished.clear()
            request = BackMsg()
            request.rerun_script.page_name = page
            loop.call_soon_threadsafe(runtime.handle_backmsg, session, request)
            visitor.finished.wait(SECONDS_A_PAGE)
    finally:
        loop.call_soon_threadsafe(runtime.close_session, session)
