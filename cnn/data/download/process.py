"""The process in which TFDS downloads and prepares a data set; only ``cnn.data.download.fetch`` starts it.

It writes one JSON object per line to its standard output: progress twice a second, and {"type": "failed", "reason",
"cause"} on failure. TFDS has no progress callback, so a thread counts the bytes of its files and the images it takes
from the builder. The same thread ends the process when the server stalls, when it sends too much, or when the parent
process is gone. Should that thread fail, a limit of the system on the size of a file keeps the disk from filling.
"""

import errno
import importlib
import json
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests

from cnn.progress import progress

TICK_SECONDS = 0.5
CONNECT_SECONDS = 10.0


class Failure(Exception):
    """A failure with its reason as a clause and its cause: "network", "certificate", "disk" or "other"."""

    def __init__(self, reason: str, cause: str = "network") -> None:
        super().__init__(reason)
        self.reason, self.cause = reason, cause


@dataclass
class Work:
    """A download and its progress.

    Attributes:
        name, title: of the data set.
        builder: its TFDS builder as "module:class".
        bytes, images: totals to download and to prepare.
        room: number of bytes that all files together take at most.
        data_dir: the TFDS folder.
        stall_seconds: how long the server may be silent.
        host: the server; empty until the download begins.
        archives: names of the downloaded files.
        prepared: number of images taken from the builder.
        starts: {unit: (time, done)} at the first progress in that unit.
    """

    name: str
    title: str
    builder: str
    bytes: int
    room: int
    images: int
    data_dir: str
    stall_seconds: float
    host: str = ""
    archives: frozenset[str] = frozenset()
    prepared: int = 0
    starts: dict[str, tuple[float, int]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return Path(self.data_dir) / "downloads" / self.name

    def downloaded(self) -> tuple[int, bool]:
        """Bytes downloaded so far, and whether any archive is unfinished."""
        unfinished = list(self.folder.glob("*.tmp.*"))
        paths = [self.folder / name for name in self.archives]
        for folder in unfinished:
            with suppress(FileNotFoundError):  # TFDS deletes it as soon as its file is whole
                paths += folder.iterdir()
        size = 0
        for path in paths:
            with suppress(FileNotFoundError):
                size += path.stat().st_size
        return size, bool(unfinished)

    def progress(self, verb: str, done: int, total: int, unit: str) -> dict[str, Any]:
        now = time.monotonic()
        start, first_done = self.starts.setdefault(unit, (now, done))
        seconds_left = None
        if first_done < done < total:
            seconds_left = (now - start) / (done - first_done) * (total - done)
        return progress(f"{verb} {self.title}", done, total, unit, seconds_left)


class Pipe:
    """Channel for events; takes over standard output and sends what TFDS and its libraries print to standard error."""

    def __init__(self) -> None:
        self._descriptor = os.dup(1)
        os.dup2(2, 1)

    def send(self, event: dict[str, Any]) -> None:
        try:
            os.write(self._descriptor, (json.dumps(event) + "\n").encode())
        except BrokenPipeError:
            os._exit(1)

    def fail(self, failure: Failure) -> NoReturn:
        self.send({"type": "failed", "reason": failure.reason, "cause": failure.cause})
        os._exit(1)


def main(work: Work) -> NoReturn:
    """Download and prepare, then exit."""
    pipe = Pipe()
    hard_limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    limit = work.room if hard_limit == resource.RLIM_INFINITY else min(work.room, hard_limit)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard_limit))
    threading.Thread(target=_watch_or_fail, args=(work, pipe), daemon=True).start()
    try:
        _prepare(work)
    except BaseException as error:
        pipe.fail(_find_failure(error, work))
    # Not sys.exit, which would wait for TFDS' threads.
    os._exit(0)


def _prepare(work: Work) -> None:
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    module, _, name = work.builder.partition(":")
    builder = getattr(importlib.import_module(module), name)(data_dir=work.data_dir)
    file_name_of = tfds.download.resource.get_dl_fname
    work.archives = frozenset(file_name_of(url, url_info.checksum) for url, url_info in builder.url_infos.items())
    work.host = ", ".join(sorted({urlsplit(url).netloc for url in builder.url_infos}))
    if work.downloaded()[0] < work.bytes:
        for url, url_info in builder.url_infos.items():
            _check_server(url, int(url_info.size), work.stall_seconds)
    generate = builder._generate_examples

    def generate_and_count(*args: Any, **kwargs: Any) -> Iterator[Any]:
        for example in generate(*args, **kwargs):
            work.prepared += 1
            yield example

    builder._generate_examples = generate_and_count
    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(
            extract_dir=work.folder / "extracted",
            force_checksums_validation=True,
            try_download_gcs=False,
        )
    )


def _check_server(url: str, size: int, stall_seconds: float) -> None:
    """Request a file without reading it: TFDS would retry a broken server ten times, and download a login page."""
    host = urlsplit(url).netloc
    with requests.get(url, stream=True, timeout=(CONNECT_SECONDS, stall_seconds)) as response:
        if response.status_code != 200:
            raise Failure(f"{host} answered with HTTP status {response.status_code}")
        if "html" in response.headers.get("Content-Type", ""):
            raise Failure(f"{host} sent a web page, not the data; often this is the login page of a school's network")
        length = response.headers.get("Content-Length", "")
        if length.isdigit() and int(length) != size and "Content-Encoding" not in response.headers:
            raise Failure(f"{host} offers a file of {int(length):,} bytes where {size:,} bytes are expected")


def _watch_or_fail(work: Work, pipe: Pipe) -> NoReturn:
    # Without its watcher a download would have no end, and a thread that fails tells nobody.
    try:
        _watch(work, pipe)
    except Exception as error:
        pipe.fail(_find_failure(error, work))


def _watch(work: Work, pipe: Pipe) -> NoReturn:
    max_done, last_growth = 0, time.monotonic()
    while True:
        done, unfinished = work.downloaded()
        if done > max_done or not work.host:
            last_growth = time.monotonic()
        max_done = max(max_done, done)
        if work.prepared or (max_done == work.bytes and not unfinished):
            pipe.send(work.progress("Preparing", work.prepared, work.images, "images"))
        elif max_done > work.bytes:
            pipe.fail(_sent_too_much(work))
        elif time.monotonic() - last_growth > work.stall_seconds:
            pipe.fail(Failure(f"{work.host} sent nothing for {work.stall_seconds:g} seconds"))
        else:
            pipe.send(work.progress("Downloading", max_done, work.bytes, "bytes"))
        time.sleep(TICK_SECONDS)


def _sent_too_much(work: Work) -> Failure:
    return Failure(f"{work.host} sent more than the {work.bytes:,} bytes that are expected")


def _find_failure(error: BaseException, work: Work) -> Failure:
    """The most specific failure in the chain of exceptions, from the one caught to its root cause."""
    from tensorflow_datasets.core.download.download_manager import NonMatchingChecksumError

    host = work.host
    cause: BaseException | None = error
    while cause is not None:
        match cause:
            case Failure():
                return cause
            case NonMatchingChecksumError():
                return Failure(f"what {host} sent is not the file that is expected (its checksum differs)")
            case requests.exceptions.SSLError():
                return Failure(f"there is no secure connection to {host} ({_first_line(cause)})", "certificate")
            case requests.exceptions.ChunkedEncodingError():
                return Failure(f"the connection to {host} broke off before the file was whole")
            case requests.exceptions.ConnectTimeout() | requests.exceptions.ReadTimeout():
                return Failure(f"{host} does not answer")
            case requests.exceptions.ConnectionError():
                return Failure(f"there is no connection to {host}")
            case requests.exceptions.RequestException():
                return Failure(f"{host} gave no proper answer ({_first_line(cause)})")
        # TensorFlow and TFDS re-raise a full disk as their own error types, with the system's message.
        full = isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or os.strerror(errno.ENOSPC) in str(cause) or "Not enough disk space" in str(cause):
            return Failure("the disk is full", "disk")
        if (isinstance(cause, OSError) and cause.errno == errno.EFBIG) or os.strerror(errno.EFBIG) in str(cause):
            return _sent_too_much(work)
        cause = cause.__cause__ or cause.__context__
    return Failure(f"TFDS could not prepare it ({type(error).__name__}: {_first_line(error)})", "other")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]


if __name__ == "__main__":
    main(Work(**json.loads(sys.argv[1])))
