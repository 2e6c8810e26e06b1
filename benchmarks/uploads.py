"""Predict with two hundred photos of a phone, and with files that are small and would be large: the server's memory."""

import io
import re
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.harness.reporting import print_result
from tools.browser_page import open_page
from tools.find_browser import launch
from tools.running_server import running_server

PHOTOS, BOMBS = 200, 20
MAX_GROWTH = 300  # megabytes
TIMEOUT = 900_000  # milliseconds


def run() -> None:
    """Print by how much the server has grown when all have been answered or refused, and by how much it had at most."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sync_playwright() as playwright:
        home, browser = Path(folder) / "home", launch(playwright)[0]
        home.mkdir()
        files = write_photos(Path(folder)), write_bombs(Path(folder))
        with running_server(home) as address:
            page = browser.new_context(base_url=address).new_page()
            page.set_default_timeout(TIMEOUT)
            open_page(page, "/predict?model=cifar10-tutorial")
            server = server_process(address)
            upload(page, files[0][:2])  # what the first photos load stays: decoders, the network
            for what, paths in zip((f"{PHOTOS} photos of 12 megapixels", f"{BOMBS} WebP bombs"), files, strict=True):
                size = sum(path.stat().st_size for path in paths) / 2**20
                before = server.memory_info().rss
                with highest_memory(server) as highest:
                    upload(page, paths)
                growth = (server.memory_info().rss - before) / 2**20
                print_result(f"growth after {what} ({size:,.1f} MB)", growth, "MB", at_most=MAX_GROWTH)
                print_result("    at most meanwhile", (max(highest) - before) / 2**20, "MB")
        browser.close()


def upload(page: Page, paths: list[Path]) -> None:
    """Bring files in on Predict, and wait until all are answered or refused."""
    open_page(page, "/predict?model=cifar10-tutorial")
    page.locator(".st-key-picture-way").get_by_role("radio").nth(-2).click()
    page.locator("input[type=file]").set_input_files(paths)
    answered = page.locator(".gallery").get_by_role("img")
    refused = page.locator('[class*="st-key-picture-unreadable-"]')
    expect(answered.or_(refused)).to_have_count(len(paths), timeout=TIMEOUT)


def server_process(address: str) -> psutil.Process:
    """The process that listens at an address."""
    port = int(address.rpartition(":")[2])
    for process in psutil.Process().children(recursive=True):
        if any(socket.laddr.port == port for socket in process.net_connections("tcp") if socket.status == "LISTEN"):
            return process
    raise RuntimeError(f"No process listens at {address}.")


@contextmanager
def highest_memory(process: psutil.Process) -> Iterator[list[int]]:
    """Bytes of a process's memory, twenty times a second while the block runs."""
    seen, ended = [process.memory_info().rss], threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            seen.append(process.memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def write_photos(folder: Path) -> list[Path]:
    """Photos of 4,000 x 3,000 pixels with soft detail, so that each has 2.5 megabytes, as a phone's has."""
    rng = np.random.default_rng(1)
    paths = [folder / f"photo-{index}.jpg" for index in range(PHOTOS)]
    for path in paths:
        small = Image.fromarray(rng.integers(0, 256, (375, 500, 3), np.uint8))
        small.resize((4_000, 3_000), Image.Resampling.BICUBIC).save(path, quality=75)
    return paths


def write_bombs(folder: Path) -> list[Path]:
    """WebP files of one colour whose header claims 40 megapixels."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(file, "WEBP", lossless=True)
    data = bytearray(file.getvalue())
    place = re.search(rb"VP8L....\x2f", bytes(data), re.DOTALL)
    assert place is not None
    width, height = 7_600, 5_200
    bits = (width - 1) | (height - 1) << 14
    data[place.end() : place.end() + 4] = struct.pack("<I", bits)
    paths = [folder / f"bomb-{index}.webp" for index in range(BOMBS)]
    for path in paths:
        path.write_bytes(data)
    return paths
