"""Downloads data sets with progress reports, interruptibly, and completely or not at all.

TFDS downloads and prepares in a separate process (``cnn.data.download.process``): its threads cannot be stopped and
wait for a silent server forever, but killing the process ends everything at once.
"""

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import cnn
from cnn.data.datasets import DatasetInfo
from cnn.data.download.leftovers import find_leftovers, remove_paths
from cnn.errors import DatasetError
from cnn.files import exclusive_lock
from cnn.progress import Report, ShouldStop, Stopped, progress, raise_if_stopped

STALL_SECONDS = 30.0
"""A server that sends nothing for this long has stalled."""

INSPECTED_TLS = (
    "Perhaps your school's network reads along with secure connections, by a proxy with a certificate of its own: save "
    "that certificate as a .pem file (ask who runs the network), set REQUESTS_CA_BUNDLE to its path, and start the app "
    "again."
)
"""What to do if a server's certificate is not trusted."""

_POLL_SECONDS = 0.25
_RECORD_FRAME = 16  # bytes a TFRECORD adds to each record: its length and two checksums


@dataclass(frozen=True)
class Source:
    """Origin of a data set.

    Attributes:
        builder: the TFDS builder as "module:class".
        version: the version that the builder prepares and reads.
        size: number of bytes to download, the sum of the sizes registered in TFDS.
    """

    builder: str
    version: str
    size: int

    @property
    def room(self) -> int:
        """Number of bytes that the archive, the unpacked files and the prepared set take at most."""
        return 3 * self.size + 50_000_000  # 1.5 to 3 times the download, up to 8 times for the smallest


SOURCES = {
    "cifar10": Source("tensorflow_datasets.image_classification.cifar:Cifar10", "3.0.2", 170_052_171),
    "cats_vs_dogs": Source("tensorflow_datasets.image_classification.cats_vs_dogs:CatsVsDogs", "4.0.1", 824_887_076),
    "mnist": Source("tensorflow_datasets.image_classification.mnist:MNIST", "3.0.1", 11_594_722),
    "fashion_mnist": Source("tensorflow_datasets.image_classification.mnist:FashionMNIST", "3.0.1", 30_878_645),
}


def download_size(name: str) -> int:
    """Number of bytes that ``fetch`` downloads for ``name``.

    Raises:
        DatasetError: ``name`` is not a data set that is downloaded.
    """
    return _source(name).size


def is_fetched(name: str, data_dir: Path) -> bool:
    """Whether the TFDS folder ``data_dir`` holds ``name``: its description, and all listed files at full size.

    Raises:
        DatasetError: ``name`` is not a data set that is downloaded.
    """
    folder = data_dir / name / _source(name).version
    try:
        info = json.loads((folder / "dataset_info.json").read_text())
        splits = [_is_complete(folder, name, info["fileFormat"], split) for split in info["splits"]]
        return bool(splits) and all(splits) and (folder / "features.json").is_file()
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _is_complete(folder: Path, name: str, file_format: str, split: dict[str, Any]) -> bool:
    lengths = [int(length) for length in split["shardLengths"]]
    stem = f"{name}-{split['name']}.{file_format}"
    size = sum((folder / f"{stem}-{i:05d}-of-{len(lengths):05d}").stat().st_size for i in range(len(lengths)))
    return size >= int(split["numBytes"]) + (_RECORD_FRAME * sum(lengths) if file_format == "tfrecord" else 0)


def fetch(dataset_info: DatasetInfo, data_dir: Path, report: Report, should_stop: ShouldStop) -> None:
    """Download a data set and prepare it in the TFDS folder ``data_dir``. Does nothing if it is already there.

    The archives are deleted at the end, as the prepared set does not need them. Only after a stop are completely
    downloaded archives kept.

    Args:
        dataset_info: its entry in the catalogue; its ``builder`` is one of ``SOURCES``.
        report: called about twice a second with progress events in bytes, then in images.
        should_stop: polled at least twice a second.

    Raises:
        DatasetError: the network, the server or the disk failed; the message says why and what to do.
        Stopped: ``should_stop`` returned True; partial results are removed.
    """
    name, source = dataset_info.builder, _source(dataset_info.builder)
    archives = data_dir / "downloads" / name

    def waiting() -> None:
        raise_if_stopped(should_stop)
        report(progress(f"Waiting for another download of {dataset_info.title}", 0, None, "bytes"))

    with exclusive_lock(data_dir, name, waiting) as lock:
        if is_fetched(name, data_dir):
            return
        _check_disk_space(dataset_info.title, source, data_dir)
        # Damaged sets are removed too: TFDS would keep them, or fail on their description.
        remove_paths([*find_leftovers(data_dir, name), data_dir / name / source.version])
        try:
            _run_process(dataset_info, data_dir, lock, report, should_stop)
        except Stopped:
            remove_paths(find_leftovers(data_dir, name))
            raise
        except BaseException:
            remove_paths([*find_leftovers(data_dir, name), archives])
            raise
        remove_paths([archives])


def _source(name: str) -> Source:
    if name not in SOURCES:
        raise DatasetError(f"“{name[:40]}” is not a data set to download. Choose one of: {', '.join(SOURCES)}.")
    return SOURCES[name]


def _check_disk_space(title: str, source: Source, data_dir: Path) -> None:
    needed, free = source.room, shutil.disk_usage(data_dir).free
    if free < needed:
        raise DatasetError(
            f"{title} needs about {needed / 1e6:,.0f} MB of free disk space and {data_dir} has {free / 1e6:,.0f} MB. "
            "Make room, or set TFDS_DATA_DIR to a folder on a larger disk."
        )


def _run_process(
    dataset_info: DatasetInfo, data_dir: Path, lock: IO[str], report: Report, should_stop: ShouldStop
) -> None:
    name, source = dataset_info.builder, _source(dataset_info.builder)
    settings = {
        "name": name,
        "title": dataset_info.title,
        "builder": source.builder,
        "bytes": source.size,
        "room": source.room,
        "images": dataset_info.train + dataset_info.test,
        "data_dir": str(data_dir.absolute()),
        "stall_seconds": STALL_SECONDS,
    }
    root = str(Path(cnn.__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "cnn.data.download.process", json.dumps(settings)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=[lock.fileno()],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))},
    )
    events: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    threading.Thread(target=_read_events, args=(process.stdout, events), daemon=True).start()
    try:
        while True:
            raise_if_stopped(should_stop)
            with suppress(queue.Empty):
                event = events.get(timeout=_POLL_SECONDS)
                if event is None:
                    process.wait()
                    break
                if event["type"] == "failed":
                    raise DatasetError(_failure_message(dataset_info.title, name, event))
                report(event)
    finally:
        process.kill()
        process.wait()
    if not is_fetched(name, data_dir):
        reason = f"its process ended unexpectedly (exit code {process.returncode}), maybe for want of memory"
        raise DatasetError(_failure_message(dataset_info.title, name, {"reason": reason, "cause": "other"}))


def _read_events(pipe: IO[str], events: "queue.SimpleQueue[dict[str, Any] | None]") -> None:
    try:
        with pipe:
            for line in pipe:
                events.put(json.loads(line))
    finally:
        events.put(None)


def _failure_message(title: str, name: str, failure: dict[str, Any]) -> str:
    copy = (
        f"set TFDS_DATA_DIR to a folder with a prepared copy ({name}/{_source(name).version}) and start the app again"
    )
    advice = {
        "certificate": f"{INSPECTED_TLS} Or {copy}.",
        "network": f"Check the network and try again, or {copy}.",
        "disk": "Make room, or set TFDS_DATA_DIR to a folder on a larger disk, and try again.",
        "other": f"Try again, or {copy}.",
    }
    return f"{title} could not be fetched: {failure['reason']}. {advice[failure['cause']]}"
