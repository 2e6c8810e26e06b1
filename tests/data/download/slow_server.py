"""A web server on 127.0.0.1 that serves a small data set, with every fault a download can encounter."""

import gzip
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

IMAGES = np.random.default_rng(7).integers(0, 256, (400, 28, 28, 1), dtype=np.uint8)
LABELS = (np.arange(400) % 10).astype(np.uint8)
FILES = {"/images.gz": gzip.compress(IMAGES.tobytes(), mtime=0), "/labels.bin": LABELS.tobytes()}
SIZE = sum(map(len, FILES.values()))

# A builder like those of TFDS: it downloads two files, unpacks one, and makes a training and a test split.
BUILDER = """
import itertools
import os

import numpy as np
import tensorflow_datasets as tfds

URL = "{url}"


class TinyDigits(tfds.core.GeneratorBasedBuilder):
    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        image = tfds.features.Image(shape=(28, 28, 1))
        label = tfds.features.ClassLabel(num_classes=10)
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(dict(image=image, label=label)))

    def _split_generators(self, dl_manager):
        if os.environ.get("TINY_DIGITS") == "fills the disk":
            with open("/dev/full", "wb", buffering=0) as disk:
                disk.write(bytes(1))
        if os.environ.get("TINY_DIGITS") == "writes too much":
            with open(os.path.join(self._data_dir_root, "much"), "wb", buffering=0) as file:
                file.seek(60_000_000)
                file.write(bytes(1))
        paths = dl_manager.download_and_extract(dict(images=URL + "/images.gz", labels=URL + "/labels.bin"))
        images = np.frombuffer(paths["images"].read_bytes(), np.uint8).reshape(-1, 28, 28, 1)
        labels = np.frombuffer(paths["labels"].read_bytes(), np.uint8)
        return dict(
            train=self._generate_examples(images[:300], labels[:300]),
            test=self._generate_examples(images[300:], labels[300:]),
        )

    def _generate_examples(self, images, labels):
        for i in itertools.count() if os.environ.get("TINY_DIGITS") == "never ends" else range(len(images)):
            yield i, dict(image=images[i % len(images)], label=int(labels[i % len(images)]))
"""


def checksums(url: str) -> str:
    """The ``checksums.tsv`` that TFDS reads from the folder of the builder's module."""
    lines = [
        "\t".join([url + path, str(len(body)), hashlib.sha256(body).hexdigest(), path[1:]])
        for path, body in FILES.items()
    ]
    return "\n".join(lines) + "\n"


class Server(ThreadingHTTPServer):
    """Serves ``FILES`` in pieces.

    Attributes:
        fault: handles requests for ``/images.gz``; None to serve it normally.
        before_piece: called before each piece of ``/images.gz`` with the number of bytes sent so far.
        released: set to end the faults that stall.
        requests: requested paths, in order.
    """

    daemon_threads = True
    fault: "Callable[[Handler, bytes], None] | None" = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.before_piece: Callable[[int], None] = lambda sent: None
        self.released = threading.Event()
        self.requests: list[str] = []
        self.host = f"127.0.0.1:{self.server_address[1]}"
        self.url = f"http://{self.host}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: clients that hang up are expected here."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    PIECE = 64 * 1024

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        if self.server.fault and self.path != "/labels.bin":
            self.server.fault(self, FILES["/images.gz"])
        else:
            self.start(200, len(FILES[self.path]))
            self.send_pieces(FILES[self.path])

    def start(self, status: int, length: int | None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def send_pieces(self, body: bytes) -> None:
        for sent in range(0, len(body), self.PIECE):
            if self.path != "/labels.bin":
                self.server.before_piece(sent)
            self.wfile.write(body[sent : sent + self.PIECE])

    def log_message(self, format: str, *args: object) -> None:
        pass


def not_found(handler: Handler, body: bytes) -> None:
    handler.start(404, 0)


def broken(handler: Handler, body: bytes) -> None:
    handler.start(500, 0)


def login_page(handler: Handler, body: bytes) -> None:
    """Redirect to the login page of a school's network."""
    if handler.path == "/login":
        page = b"<html>Please log in</html>"
        handler.start(200, len(page), Content_Type="text/html; charset=utf-8")
        handler.wfile.write(page)
    else:
        handler.start(302, 0, Location=handler.server.url + "/login")


def breaks_off(handler: Handler, body: bytes) -> None:
    handler.start(200, len(body))
    handler.send_pieces(body[: len(body) // 2])


def lies_about_size(handler: Handler, body: bytes) -> None:
    handler.start(200, len(body) + 1000)
    handler.send_pieces(body)


def too_short(handler: Handler, body: bytes) -> None:
    """End early, without a Content-Length."""
    handler.start(200, None)
    handler.send_pieces(body[: len(body) // 2])


def too_long(handler: Handler, body: bytes) -> None:
    """Never end, without a Content-Length."""
    handler.start(200, None)
    while not handler.server.released.is_set():
        handler.send_pieces(body)


def other_bytes(handler: Handler, body: bytes) -> None:
    handler.start(200, len(body))
    handler.send_pieces(bytes(reversed(body)))


def stalls(handler: Handler, body: bytes) -> None:
    handler.start(200, len(body))
    handler.send_pieces(body[: len(body) // 2])
    handler.server.released.wait()


def stalls_at_the_end(handler: Handler, body: bytes) -> None:
    """Send everything but never close the connection."""
    handler.start(200, None)
    handler.send_pieces(body)
    handler.server.released.wait()


def silent(handler: Handler, body: bytes) -> None:
    """Accept the connection and send nothing."""
    handler.server.released.wait()


@contextmanager
def running() -> Iterator[Server]:
    """Run a server in a thread."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()
