"""Uploads to the running server: within the budgets, on disk, and gone with their session.

What is sent goes past any page, as a program would send it.
"""

import http.client
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.jobs.job_control import wait_until
from tools.running_server import running_server

MB = 2**20
LIMITS = {
    "CNN_UPLOAD_MEGABYTES_PER_TAB": "3",
    "CNN_UPLOAD_FILES_PER_TAB": "4",
    "CNN_UPLOAD_MEGABYTES_PER_ADDRESS": "4",
    "CNN_UPLOAD_MEGABYTES": "50",
    "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "0",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[str]:
    with running_server(home, LIMITS) as address:
        yield address


@contextmanager
def tab(address: str) -> Iterator[tuple[str, Callable[[str], bool]]]:
    """A tab that shows Models, which has an uploader: its session's id, and whether the page says something by now."""
    said: list[bytes] = []
    with connect(
        address.replace("http", "ws", 1) + "/_stcore/stream", subprotocols=[Subprotocol("streamlit")], max_size=None
    ) as socket:
        request = BackMsg()
        request.rerun_script.page_name = "models"
        socket.send(request.SerializeToString())
        session, finished = "", False
        while not finished:
            message = ForwardMsg.FromString(socket.recv(60, decode=False))
            session = message.new_session.initialize.session_id or session
            finished = message.WhichOneof("type") == "script_finished"

        def says(words: str) -> bool:
            said.append(socket.recv(10, decode=False))
            return any(words.encode() in message for message in said)

        yield session, says


def send(
    address: str,
    session: str,
    size: int,
    *,
    id: str = "",
    method: str = "PUT",
    chunked: bool = False,
    forwarded_for: str = "",
) -> tuple[int, str]:
    """Upload a file of so many bytes; the status and the text of the answer."""
    host = urlsplit(address)
    connection = http.client.HTTPConnection(str(host.hostname), host.port, timeout=60)
    connection.request("GET", "/_stcore/health")
    answer = connection.getresponse()
    answer.read()
    token = next(c for c in answer.headers.get_all("Set-Cookie") or [] if "_xsrf" in c).split(";")[0]
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = b"" if method == "DELETE" else head + bytes(size) + b"\r\n--b--\r\n"
    headers = {"Cookie": token, "X-Xsrftoken": token.partition("=")[2]}
    headers |= {"X-Forwarded-For": forwarded_for} if forwarded_for else {}
    headers["Content-Type"] = "multipart/form-data; boundary=b"
    path = f"/_stcore/upload_file/{session}/{id or uuid.uuid4()}"
    parts = iter([body[i : i + 2**16] for i in range(0, len(body), 2**16)]) if chunked else body
    with suppress(BrokenPipeError, ConnectionResetError):  # refused before all was sent; the answer is there
        connection.request(method, path, parts, headers, encode_chunked=chunked)
    response = connection.getresponse()
    return response.status, response.read().decode()


def kept_bytes(home: Path) -> int:
    return sum(file.stat().st_size for file in (home / "uploads").rglob("*") if file.is_file())


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "undeclared"])
def test_a_tab_has_room_for_so_many_bytes_and_a_file_that_is_deleted_gives_it_back(server, home, chunked) -> None:
    with tab(server) as (session, says):
        before = kept_bytes(home)
        assert send(server, session, 2 * MB, id="first", chunked=chunked)[0] == 204
        assert kept_bytes(home) - before == 2 * MB
        status, text = send(server, session, 2 * MB, chunked=chunked)
        assert status == 413
        assert "the uploads of this tab would take more than the 3 MB that this server keeps" in text
        assert kept_bytes(home) - before == 2 * MB
        wait_until(lambda: says("uploads of this tab would take more than"))  # by the page, which nobody has reloaded
        assert send(server, session, 0, id="first", method="DELETE")[0] == 204
        assert kept_bytes(home) == before
        assert send(server, session, 2 * MB, id="second", chunked=chunked)[0] == 204
        assert send(server, session, 0, id="second", method="DELETE")[0] == 204


def test_a_tab_has_room_for_so_many_files(server) -> None:
    with tab(server) as (session, says):
        assert [send(server, session, 1)[0] for _ in range(5)] == [204, 204, 204, 204, 413]
        wait_until(lambda: says("keeps at most 4 files of a tab"))


def test_several_tabs_of_an_address_share_its_room_and_a_tab_that_is_closed_gives_its_own_back(server, home) -> None:
    with tab(server) as (first, _), tab(server) as (second, _):
        assert send(server, first, 5 * MB // 2)[0] == 204
        status, text = send(server, second, 2 * MB, forwarded_for="203.0.113.9")  # which is not believed
        assert status == 413
        assert "the uploads from 127.0.0.1 would take more than the 4 MB" in text

    def is_empty() -> bool:
        with tab(server):  # Streamlit looks for sessions that have ended whenever another one ends
            return kept_bytes(home) == 0

    wait_until(is_empty)
    with tab(server) as (third, _):
        assert send(server, third, 2 * MB)[0] == 204


def test_a_session_that_nobody_has_opened_is_refused(server, home) -> None:
    before = kept_bytes(home)
    assert send(server, str(uuid.uuid4()), 10)[0] == 400
    assert kept_bytes(home) == before


def test_what_a_server_that_died_left_behind_is_deleted(home, server) -> None:
    left = home / "uploads" / "left"
    left.mkdir(parents=True, exist_ok=True)
    (left / "photo").write_bytes(b"photo")
    with running_server(home) as other, tab(other) as (session, _):
        assert send(other, session, 10)[0] == 204
        assert not left.exists()
        assert len(list((home / "uploads").iterdir())) >= 1
