"""Downloads from a local server, with every fault a server can have."""

import dataclasses
import importlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from cnn.data import catalog
from cnn.data.download import fetch as download
from cnn.data.download import leftovers, process
from cnn.data.download.fetch import Source, download_size, fetch, is_fetched
from cnn.errors import DatasetError
from cnn.progress import Stopped
from tests.data.download import slow_server


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[slow_server.Server]:
    """A local server, and the data set ``tiny_digits`` whose builder downloads from it."""
    with slow_server.running() as server:
        module = tmp_path / "modules" / "tiny_digits.py"
        module.parent.mkdir()
        module.write_text(slow_server.BUILDER.replace("{url}", server.url))
        module.with_name("checksums.tsv").write_text(slow_server.checksums(server.url))
        monkeypatch.setenv("PYTHONPATH", str(module.parent))
        source = Source("tiny_digits:TinyDigits", "1.0.0", slow_server.SIZE)
        monkeypatch.setitem(download.SOURCES, "tiny_digits", source)
        info = dataclasses.replace(
            catalog.info("mnist"), name="tiny_digits", title="Tiny Digits", builder="tiny_digits", train=300, test=100
        )
        monkeypatch.setitem(catalog.DATASETS, "tiny_digits", info)
        yield server


def fetch_tiny_digits(data_dir: Path) -> list[dict]:
    reports: list[dict] = []
    fetch(catalog.info("tiny_digits"), data_dir, reports.append, lambda: False)
    return reports


def assert_nothing_partial(data_dir: Path) -> None:
    assert not is_fetched("tiny_digits", data_dir)
    assert not leftovers.find_leftovers(data_dir, "tiny_digits")
    assert not (data_dir / "tiny_digits" / "1.0.0").exists()


def assert_complete(data_dir: Path) -> None:
    import tensorflow_datasets as tfds

    assert is_fetched("tiny_digits", data_dir)
    builder = tfds.builder_from_directory(data_dir / "tiny_digits" / "1.0.0")
    examples = [e for split in ("train", "test") for e in tfds.as_numpy(builder.as_dataset(split=split))]
    expected = sorted(
        (image.tobytes(), int(label)) for image, label in zip(slow_server.IMAGES, slow_server.LABELS, strict=True)
    )
    assert sorted((np.asarray(e["image"]).tobytes(), int(e["label"])) for e in examples) == expected


def test_sizes_and_versions_match_those_registered_in_tfds() -> None:
    for name, source in download.SOURCES.items():
        module, _, builder = source.builder.partition(":")
        cls = getattr(importlib.import_module(module), builder)
        assert (cls.name, str(cls.VERSION)) == (name, source.version)
        assert download_size(name) == sum(int(url_info.size) for url_info in cls.url_infos.values())


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    for function in (download_size, lambda name: is_fetched(name, tmp_path)):
        with pytest.raises(DatasetError, match="not a data set to download"):
            function("../etc")


def test_a_slow_download_reports_its_bytes_and_gives_the_correct_set(
    server: slow_server.Server, tmp_path: Path
) -> None:
    reported = threading.Condition()
    reports: list[dict] = []

    def report(event: dict) -> None:
        with reported:
            reports.append(event)
            reported.notify_all()

    def wait_until_reported(sent: int) -> None:
        # File buffers may hold back 32 KiB; the check of the server before TFDS requests the file is not counted.
        if server.requests.count("/images.gz") > 1:
            with reported:
                assert reported.wait_for(lambda: reports[-1]["done"] >= sent - 32 * 1024, timeout=60)

    server.before_piece = wait_until_reported
    fetch(catalog.info("tiny_digits"), tmp_path / "tfds", report, lambda: False)

    downloading = [event for event in reports if event["unit"] == "bytes"]
    counts = [event["done"] for event in downloading]
    assert {event["what"] for event in downloading} == {"Downloading Tiny Digits"}
    assert {event["total"] for event in downloading} == {slow_server.SIZE}
    assert counts == sorted(counts)
    assert len({count for count in counts if 0 < count < slow_server.SIZE}) >= 3
    assert any(event["seconds_left"] > 0 for event in downloading if event["seconds_left"] is not None)
    preparing = [event for event in reports if event["unit"] == "images"]
    assert [(event["what"], event["total"]) for event in preparing] == [("Preparing Tiny Digits", 400)] * len(preparing)
    assert all(event["type"] == "progress" for event in reports)
    assert_complete(tmp_path / "tfds")
    assert not (tmp_path / "tfds" / "downloads" / "tiny_digits").exists()

    requests = len(server.requests)
    assert fetch_tiny_digits(tmp_path / "tfds") == []
    assert len(server.requests) == requests


FAULTS = [
    (slow_server.not_found, "answered with HTTP status 404"),
    (slow_server.broken, "answered with HTTP status 500"),
    (slow_server.login_page, "sent a web page.*login page of a school's network"),
    (slow_server.lies_about_size, "offers a file of .* bytes where .* bytes are expected"),
    (slow_server.silent, "sent nothing for 1 seconds|does not answer"),
    (slow_server.breaks_off, "broke off before the file was whole"),
    (slow_server.too_short, "not the file that is expected"),
    (slow_server.other_bytes, "not the file that is expected"),
    (slow_server.too_long, "sent more than the .* bytes that are expected"),
    (slow_server.stalls, "sent nothing for 1 seconds"),
    (slow_server.stalls_at_the_end, "sent nothing for 1 seconds"),
]


@pytest.mark.parametrize(("fault", "message"), FAULTS, ids=[fault.__name__ for fault, _ in FAULTS])
def test_a_server_fault_is_a_one_sentence_error_and_leaves_nothing(
    server: slow_server.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable, message: str
) -> None:
    if "1 seconds" in message:
        monkeypatch.setattr(download, "STALL_SECONDS", 1.0)
    server.fault = fault
    with pytest.raises(DatasetError, match=f"^Tiny Digits could not be fetched: .*{server.host}.*({message})") as error:
        fetch_tiny_digits(tmp_path)
    assert "TFDS_DATA_DIR" in str(error.value)
    assert "\n" not in str(error.value)
    assert_nothing_partial(tmp_path)


def test_a_missing_network_is_reported_at_once(
    server: slow_server.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed_port = f"127.0.0.1:{free.getsockname()[1]}"
    for proxy in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(proxy, f"http://{closed_port}")
    with pytest.raises(DatasetError, match=r"no connection to fashion-mnist.*TFDS_DATA_DIR.*fashion_mnist/3\.0\.1"):
        fetch(catalog.info("fashion_mnist"), tmp_path, lambda event: None, lambda: False)


def test_the_login_page_of_a_proxy_is_detected_for_tfds_builders(
    server: slow_server.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def login(handler: slow_server.Handler, body: bytes) -> None:
        handler.start(200, 6, Content_Type="text/html")
        handler.wfile.write(b"<html>")

    server.fault = login
    for proxy in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(proxy, server.url)
    with pytest.raises(DatasetError, match=r"^Fashion-MNIST could not be fetched: .* sent a web page"):
        fetch(catalog.info("fashion_mnist"), tmp_path, lambda event: None, lambda: False)
    assert server.requests[0].startswith("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/")


def test_plain_http_at_an_https_address_is_reported(server: slow_server.Server, tmp_path: Path) -> None:
    module = tmp_path / "modules" / "tiny_digits.py"
    for file in (module, module.with_name("checksums.tsv")):
        file.write_text(file.read_text().replace("http://", "https://"))
    with pytest.raises(
        DatasetError, match=f"no secure connection to {server.host}.*set REQUESTS_CA_BUNDLE to its path"
    ):
        fetch_tiny_digits(tmp_path / "tfds")


def test_stopping_a_download_ends_the_process_and_leaves_nothing(server: slow_server.Server, tmp_path: Path) -> None:
    server.fault = slow_server.stalls
    reports: list[dict] = []
    child: list[psutil.Process] = []

    def stop_after_first_bytes() -> bool:
        child[:] = child or psutil.Process().children()
        return bool(reports) and reports[-1]["done"] > 0

    with pytest.raises(Stopped):
        fetch(catalog.info("tiny_digits"), tmp_path, reports.append, stop_after_first_bytes)
    assert len(child) == 1
    assert not child[0].is_running()
    assert_nothing_partial(tmp_path)


def test_a_fetch_after_a_fault_and_a_stop_gives_the_correct_set(
    server: slow_server.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.fault = slow_server.breaks_off
    with pytest.raises(DatasetError):
        fetch_tiny_digits(tmp_path)
    server.fault = None

    monkeypatch.setenv("TINY_DIGITS", "never ends")
    reports: list[dict] = []

    def over_400_images_prepared() -> bool:
        return bool(reports) and reports[-1]["unit"] == "images" and reports[-1]["done"] > 400

    with pytest.raises(Stopped):
        fetch(catalog.info("tiny_digits"), tmp_path, reports.append, over_400_images_prepared)
    assert_nothing_partial(tmp_path)

    monkeypatch.delenv("TINY_DIGITS")
    requests = len(server.requests)
    damaged = tmp_path / "tiny_digits" / "1.0.0" / "dataset_info.json"
    damaged.parent.mkdir()
    damaged.write_text("{")
    fetch_tiny_digits(tmp_path)
    assert_complete(tmp_path)
    assert len(server.requests) == requests, "the archives were complete"


def test_too_little_disk_space_is_reported_before_the_download(
    server: slow_server.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9 - 10**6, 10**6))
    with pytest.raises(DatasetError, match=r"needs about 51 MB of free disk space and .* has 1 MB"):
        fetch_tiny_digits(tmp_path)
    assert server.requests == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_disk_that_fills_up_is_reported(
    server: slow_server.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_DIGITS", "fills the disk")
    with pytest.raises(DatasetError, match=r"the disk is full\. Make room"):
        fetch_tiny_digits(tmp_path)
    assert_nothing_partial(tmp_path)


def test_a_file_that_grows_far_beyond_the_data_set_is_cut_off_by_the_system(
    server: slow_server.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_DIGITS", "writes too much")
    with pytest.raises(DatasetError, match=r"could not be fetched: .* sent more than the .* bytes that are expected"):
        fetch_tiny_digits(tmp_path)
    assert_nothing_partial(tmp_path)


def test_a_watcher_that_fails_ends_the_download(tmp_path: Path) -> None:
    class LastWords:
        """Keeps the failure, and ends the thread as the real pipe ends the process."""

        said = ""

        def fail(self, failure: process.Failure) -> None:
            self.said = failure.reason
            raise SystemExit

    work = process.Work("mnist", "MNIST", "module:Builder", 1, 1, 1, str(tmp_path), stall_seconds=1.0)
    work.starts = None  # type: ignore[assignment]  # whatever goes wrong in the watcher
    pipe = LastWords()
    with pytest.raises(SystemExit):
        process._watch_or_fail(work, pipe)  # type: ignore[arg-type]
    assert "TypeError" in pipe.said or "AttributeError" in pipe.said


def test_folders_that_tfds_deletes_meanwhile_do_not_disturb_the_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = process.Work("mnist", "MNIST", "module:Builder", 10, 100, 1, str(tmp_path), stall_seconds=1.0)
    for name in ("a.tmp.1", "b.tmp.2"):
        (work.folder / name).mkdir(parents=True)
        (work.folder / name / "file").write_bytes(bytes(7))
    listed = Path.iterdir

    def listed_after_one_is_gone(folder: Path) -> Iterator[Path]:
        if folder.name == "a.tmp.1":
            shutil.rmtree(folder)
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", listed_after_one_is_gone)
    assert work.downloaded() == (7, True)


def test_a_read_only_folder_is_reported(server: slow_server.Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match=r"cannot be written to .*TFDS_DATA_DIR"):
        fetch_tiny_digits(tmp_path / "file" / "tfds")


def test_an_incomplete_set_does_not_count_as_fetched(tmp_path: Path) -> None:
    folder = tmp_path / "mnist" / "3.0.1"
    folder.mkdir(parents=True)
    split = {"name": "train", "numBytes": "1000", "shardLengths": ["3", "2"]}
    description = {"fileFormat": "tfrecord", "splits": [split]}
    # 1,000 bytes of images, plus 8 + 4 + 4 bytes of TFRECORD framing for each of the five.
    files = {
        "dataset_info.json": json.dumps(description).encode(),
        "features.json": b"{}",
        "mnist-train.tfrecord-00000-of-00002": bytes(600 + 3 * 16),
        "mnist-train.tfrecord-00001-of-00002": bytes(400 + 2 * 16),
    }
    assert not is_fetched("mnist", tmp_path)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    assert is_fetched("mnist", tmp_path)
    for name, content in files.items():
        (folder / name).unlink()
        assert not is_fetched("mnist", tmp_path)
        (folder / name).write_bytes(content[:-1])
        assert is_fetched("mnist", tmp_path) == (name == "features.json")
        (folder / name).write_bytes(content)
    for broken in ("[]", "{}", json.dumps(description | {"splits": []}), json.dumps(description | {"splits": [{}]})):
        (folder / "dataset_info.json").write_text(broken)
        assert not is_fetched("mnist", tmp_path)


@pytest.mark.parametrize("name", ["cifar10", "cats_vs_dogs"])
def test_prepared_copies_count_as_fetched(name: str, prepared_data: Path) -> None:
    assert is_fetched(name, prepared_data / "tfds")


def test_leftovers_of_a_fetch_are_removed_only_after_it_was_killed(server: slow_server.Server, tmp_path: Path) -> None:
    server.fault = slow_server.stalls
    source, info = download.SOURCES["tiny_digits"], catalog.DATASETS["tiny_digits"]
    code = (
        "import json, sys; from pathlib import Path\n"
        "from cnn.data import catalog; from cnn.data.download import fetch as download\n"
        f"download.SOURCES['tiny_digits'] = download.{source!r}\n"
        f"report = lambda event: print(json.dumps(event), flush=True)\n"
        f"download.fetch(catalog.{info!r}, Path({str(tmp_path)!r}), report, lambda: False)"
    )
    root = Path(download.__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), os.environ["PYTHONPATH"]])}
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert any(json.loads(line)["done"] > 0 for line in parent.stdout)
        (child,) = psutil.Process(parent.pid).children()
        assert leftovers.remove_abandoned(tmp_path) == 0
        waiting: list[dict] = []
        with pytest.raises(Stopped):
            fetch(catalog.info("tiny_digits"), tmp_path, waiting.append, lambda: bool(waiting))
        assert waiting[0]["what"] == "Waiting for another download of Tiny Digits"
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    psutil.wait_procs([child], timeout=60)
    assert not child.is_running()
    assert not is_fetched("tiny_digits", tmp_path)
    assert leftovers.remove_abandoned(tmp_path) >= 1
    assert_nothing_partial(tmp_path)
