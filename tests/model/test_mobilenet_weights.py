"""Downloading MobileNetV2's weights from a local server, successfully and with every failure."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cnn.errors import ModelError
from cnn.model import mobilenet_weights, pretrained_bases
from cnn.model.pretrained_bases import base_model
from cnn.progress import Stopped


class Server(ThreadingHTTPServer):
    """Sends ``body`` with ``status`` and a Content-Length of ``announced``, or its true length if that is None."""

    body: bytes = b""
    announced: int | None = None
    status = 200


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(self.server.announced or len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    with Server(("127.0.0.1", 0), Handler) as weights_server:
        threading.Thread(target=weights_server.serve_forever, daemon=True).start()
        monkeypatch.setattr(
            mobilenet_weights, "WEIGHTS_URL", f"http://127.0.0.1:{weights_server.server_port}/weights.h5"
        )
        yield weights_server
        weights_server.shutdown()


def fetch(should_stop=lambda: False) -> list[dict]:
    events: list[dict] = []
    mobilenet_weights.fetch(events.append, should_stop)
    return events


def no_file_is_left() -> bool:
    return list(mobilenet_weights.weights_file().parent.glob("*")) == []


def test_file_is_downloaded_once_with_progress(server: Server, prepared_data: Path) -> None:
    server.body = (prepared_data / "keras" / "models" / mobilenet_weights.WEIGHTS_FILE).read_bytes()
    events = fetch()
    assert mobilenet_weights.weights_file().read_bytes() == server.body
    assert {event["unit"] for event in events} == {"bytes"}
    assert 0 < events[-1]["done"] <= events[-1]["total"] == len(server.body)
    assert base_model("mobilenet_v2").count_params() == 2_257_984
    server.status = 500
    assert fetch() == []


def test_broken_connection_leaves_no_file(server: Server) -> None:
    server.body, server.announced = b"x" * 50_000, 90_000
    with pytest.raises(ModelError, match=r"could not be fetched: .*Nothing half done was kept\. Try again"):
        fetch()
    assert no_file_is_left()
    assert not pretrained_bases.has_weights("mobilenet_v2")


def test_login_page_instead_of_the_weights_is_refused(server: Server) -> None:
    server.body = b"<html>Please log in</html>" * 100
    with pytest.raises(ModelError, match="another file, perhaps a page of the network's provider"):
        fetch()
    assert no_file_is_left()


def test_http_error_is_reported(server: Server) -> None:
    server.status, server.body = 503, b"busy"
    with pytest.raises(ModelError, match="could not be fetched: the server answered 503"):
        fetch()


def test_missing_network_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(ModelError, match=r"there is no connection to it.*or use the built-in base"):
        fetch()


def test_stopped_download_leaves_no_file(server: Server) -> None:
    server.body = b"x" * 500_000
    with pytest.raises(Stopped):
        fetch(should_stop=lambda: True)
    assert no_file_is_left()


def test_folder_that_cannot_be_written_is_named(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "file"))
    with pytest.raises(ModelError, match=r"could not be kept in .* Set KERAS_HOME"):
        fetch()


def test_a_certificate_that_is_not_trusted_is_reported_with_what_to_do(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without TLS behind the address, the handshake fails as with a proxy's own certificate: requests raises SSLError.
    url = mobilenet_weights.WEIGHTS_URL.replace("http://", "https://")
    monkeypatch.setattr(mobilenet_weights, "WEIGHTS_URL", url)
    with pytest.raises(ModelError, match=r"no secure connection .* set REQUESTS_CA_BUNDLE to its path"):
        fetch()
    assert no_file_is_left()


def test_the_copy_that_was_tuned_on_dogs_is_known_by_its_bytes(
    prepared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert not mobilenet_weights.are_tuned_on_dogs()
    file = mobilenet_weights.weights_file()
    file.parent.mkdir()
    data = (prepared_data / "keras" / "models" / mobilenet_weights.WEIGHTS_FILE).read_bytes()
    file.write_bytes(data)
    assert mobilenet_weights.are_tuned_on_dogs()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert not mobilenet_weights.are_tuned_on_dogs()
