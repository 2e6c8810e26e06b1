"""Fetching MobileNetV2's weights from a server on this machine, with what can go wrong on the way."""

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
    """Serves ``body``; announces ``announced`` bytes, and answers with ``status``."""

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
    with Server(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        monkeypatch.setattr(mobilenet_weights, "WEIGHTS_URL", f"http://127.0.0.1:{running.server_port}/weights.h5")
        yield running
        running.shutdown()


def fetch(should_stop=lambda: False) -> list[dict]:
    events: list[dict] = []
    mobilenet_weights.fetch(events.append, should_stop)
    return events


def nothing_is_left() -> bool:
    return list(mobilenet_weights.weights_file().parent.glob("*")) == []


def test_the_file_comes_whole_with_progress_and_is_not_fetched_twice(server: Server, prepared_data: Path) -> None:
    server.body = (prepared_data / "keras" / "models" / mobilenet_weights.WEIGHTS_FILE).read_bytes()
    events = fetch()
    assert mobilenet_weights.weights_file().read_bytes() == server.body
    assert {event["unit"] for event in events} == {"bytes"}
    assert 0 < events[-1]["done"] <= events[-1]["total"] == len(server.body)
    assert base_model("mobilenet_v2").count_params() == 2_257_984
    server.status = 500
    assert fetch() == []


def test_a_network_that_goes_half_way_leaves_nothing(server: Server) -> None:
    server.body, server.announced = b"x" * 50_000, 90_000
    with pytest.raises(ModelError, match=r"could not be fetched: .*Nothing half done was kept\. Try again"):
        fetch()
    assert nothing_is_left()
    assert not pretrained_bases.has_weights("mobilenet_v2")


def test_a_page_of_the_provider_is_no_weights(server: Server) -> None:
    server.body = b"<html>Please log in</html>" * 100
    with pytest.raises(ModelError, match="another file, perhaps a page of the network's provider"):
        fetch()
    assert nothing_is_left()


def test_an_error_of_the_server_is_said(server: Server) -> None:
    server.status, server.body = 503, b"busy"
    with pytest.raises(ModelError, match="could not be fetched: the server answered 503"):
        fetch()


def test_no_network_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(ModelError, match=r"there is no connection to it.*or use the built-in base"):
        fetch()


def test_it_can_be_stopped(server: Server) -> None:
    server.body = b"x" * 500_000
    with pytest.raises(Stopped):
        fetch(should_stop=lambda: True)
    assert nothing_is_left()


def test_a_folder_that_cannot_be_written_is_named(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "file"))
    with pytest.raises(ModelError, match=r"could not be kept in .* Set KERAS_HOME"):
        fetch()
