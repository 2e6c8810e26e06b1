"""What the server has sent reaches the browser, also when a page or a fragment is run again at that very moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime, RuntimeConfig
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from pages.server.streamlit_runtime import keep_messages

PAGE = """
import streamlit as st

@st.fragment(run_every=3)
def watch():
    st.text("a part that renews itself")

watch()
st.session_state.runs = st.session_state.get("runs", 0) + 1
st.text(f"the last line of run {st.session_state.runs}")
"""


class Browser:
    """Keeps what a page sends."""

    client_context = None

    def __init__(self) -> None:
        self.messages: list[ForwardMsg] = []

    def write_forward_msg(self, message: ForwardMsg) -> None:
        self.messages.append(message)

    def texts(self) -> list[str]:
        return [message.delta.new_element.text.body for message in self.messages]

    def finished(self) -> int:
        return sum(message.WhichOneof("type") == "script_finished" for message in self.messages)

    def fragment(self) -> str:
        return next(m.auto_rerun.fragment_id for m in self.messages if m.WhichOneof("type") == "auto_rerun")


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Awaitable[None]]], Browser]:
    """Has a browser open ``PAGE`` and then do what a function says: it gets the session, and how to send to it."""
    for method in ("request_rerun", "_clear_queue"):
        monkeypatch.setattr(AppSession, method, getattr(AppSession, method))  # put back afterwards
    monkeypatch.setattr(Runtime, "_instance", None)
    keep_messages()
    page = tmp_path / "page.py"
    page.write_text(PAGE)

    async def open_page(act: Callable[..., Awaitable[None]], browser: Browser) -> None:
        config = RuntimeConfig(str(page), MemoryMediaFileStorage("/media"), MemoryUploadedFileManager("/upload"))
        runtime = Runtime(config)
        await runtime.start()
        id = runtime.connect_session(browser, {})
        session = runtime._session_mgr.get_active_session_info(id).session
        runtime.handle_backmsg(id, whole_page())
        await until(lambda: browser.finished() == 1)
        await act(browser, session, lambda request: runtime.handle_backmsg(id, request))
        runtime.stop()
        await runtime.stopped

    def use(act: Callable[..., Awaitable[None]]) -> Browser:
        browser = Browser()
        asyncio.run(open_page(act, browser))
        return browser

    return use


def test_a_fragment_does_not_take_the_last_messages_of_the_page_before_it(browser) -> None:
    async def act(browser, session, send):
        send(whole_page())
        while session._scriptrunner._requests._state is not ScriptRequestType.STOP:
            time.sleep(0.001)  # the loop is busy, so the messages of the run wait
        fragment = BackMsg()
        fragment.rerun_script.fragment_id = browser.fragment()
        send(fragment)
        await until(lambda: browser.texts().count("a part that renews itself") >= 2 and browser.finished() >= 2)

    assert "the last line of run 2" in browser(act).texts()


def test_a_page_that_begins_does_not_take_the_addresses_for_an_upload(browser) -> None:
    async def act(browser, session, send):
        files = BackMsg()
        files.file_urls_request.request_id = "asked"
        files.file_urls_request.file_names.append("photo.jpg")
        send(whole_page())
        runner = session._scriptrunner
        while runner._requests._state is not ScriptRequestType.STOP:
            time.sleep(0.001)  # the loop is busy, so it learns that the run began after it has answered
        send(files)
        await until(lambda: browser.finished() == 2)

    assert [message.file_urls_response.response_id for message in browser(act).messages].count("asked") == 1


def whole_page() -> BackMsg:
    request = BackMsg()
    request.rerun_script.SetInParent()
    return request


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)
