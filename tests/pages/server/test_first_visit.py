"""Every page is opened once by the server itself, in a session that leaves nothing behind."""

import asyncio
import threading
from pathlib import Path

import pytest
from streamlit.runtime import Runtime, RuntimeConfig
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from pages.server.first_visit import open_pages

NAVIGATION = """
from pathlib import Path
import streamlit as st

def page(name):
    def run():
        with (Path(__file__).parent / "opened").open("a") as file:
            file.write(f"{name} with {dict(st.context.cookies)}\\n")
        if name == "broken":
            raise ValueError("a fault of this page")
    return run

names = ["first", "broken", "last"]
st.navigation([st.Page(page(name), title=name, url_path=name, default=name == "first") for name in names]).run()
"""


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    monkeypatch.setattr(Runtime, "_instance", None)
    (tmp_path / "navigation.py").write_text(NAVIGATION)
    storage, uploads = MemoryMediaFileStorage("/media"), MemoryUploadedFileManager("/upload")
    return Runtime(RuntimeConfig(str(tmp_path / "navigation.py"), storage, uploads))


async def open_all(runtime: Runtime, closing: threading.Event) -> None:
    await runtime.start()
    await asyncio.to_thread(open_pages, asyncio.get_running_loop(), ["", "broken", "last"], closing)
    await asyncio.sleep(0)  # the session is closed on this loop
    assert runtime._session_mgr.num_sessions() == 0
    runtime.stop()
    await runtime.stopped


def test_every_page_is_opened_once_also_after_one_that_fails(runtime: Runtime, tmp_path: Path) -> None:
    asyncio.run(open_all(runtime, threading.Event()))
    assert (tmp_path / "opened").read_text().splitlines() == ["first with {}", "broken with {}", "last with {}"]


def test_a_server_that_is_closing_opens_no_more(runtime: Runtime, tmp_path: Path) -> None:
    closing = threading.Event()
    closing.set()
    asyncio.run(open_all(runtime, closing))
    assert not (tmp_path / "opened").exists()
