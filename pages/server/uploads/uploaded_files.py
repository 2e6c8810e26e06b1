"""What browsers have uploaded: kept on disk until its session ends, within budgets of bytes and files.

Streamlit keeps uploads in memory, as many as are sent to it, whether or not a page asked for them.
"""

import fcntl
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import IO, NamedTuple

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from cnn import limits
from cnn.errors import CnnError
from cnn.free_space import check_free_space
from cnn.home import home

_LOCK = "in-use.lock"
_KEPT = 0
_Key = tuple[str, str, int]
"""Session, file id, and ``_KEPT``, or the number of a request while it arrives: several may bring the same id."""


class BytesOnDisk(bytes):
    """Stands for a file's bytes in Streamlit's records: as long as they are, but they are in the file ``path``."""

    path: Path
    size: int

    def __len__(self) -> int:
        """The bytes of the file."""
        return self.size


class _Upload(NamedTuple):
    """An upload that is kept, or on its way."""

    address: str
    bytes: int


class UploadedFilesOnDisk(MemoryUploadedFileManager):
    """Streamlit's store of uploads, with their bytes on disk.

    Threads may share it. ``receive`` is asked before an upload is read; what it let in, ``add_file`` keeps.
    """

    def __init__(self, upload_endpoint: str) -> None:
        """Args: upload_endpoint: the path below which browsers send their files."""
        super().__init__(upload_endpoint)
        self._uploads: dict[_Key, _Upload] = {}
        self._numbers = count(1)
        self._refusals: dict[str, str] = {}  # by session
        self._budget = threading.Lock()
        self._folder: Path | None = None
        self._in_use: IO[str] | None = None

    @contextmanager
    def receive(self, session_id: str, file_id: str, address: str, declared: int) -> Iterator[Callable[[int], None]]:
        """Reserve room for an upload while it arrives.

        Args:
            address: of the browser in the network.
            declared: its bytes as the browser says; 0 if it does not.

        Yields:
            A function to tell how many bytes have come; it raises as this does.

        Raises:
            CnnError: there is no room for so much.
        """
        arriving = session_id, file_id, next(self._numbers)
        self._reserve(arriving, address, declared)

        def received(size: int) -> None:
            if size > declared:
                self._reserve(arriving, address, size)

        try:
            yield received
        finally:
            with self._budget:
                self._uploads.pop(arriving, None)

    def add_file(self, session_id: str, file: UploadedFileRec) -> None:
        """Write a file to disk and keep it; one with the same id goes."""
        data = BytesOnDisk()
        data.size, data.path = len(file.data), self._write(file.data)
        self._remove_bytes(session_id, [file.file_id])
        super().add_file(session_id, file._replace(data=data))
        with self._budget:
            arriving = next((key for key in self._uploads if key[:2] == (session_id, file.file_id)), None)
            address = "" if arriving is None else self._uploads.pop(arriving).address
            self._uploads[session_id, file.file_id, _KEPT] = _Upload(address, data.size)

    def remove_file(self, session_id: str, file_id: str) -> None:
        """Forget a file, and delete its bytes."""
        self._refusals.pop(session_id, None)
        self._remove_bytes(session_id, [file_id])
        super().remove_file(session_id, file_id)

    def remove_session_files(self, session_id: str) -> None:
        """Forget all files of a session, and delete their bytes."""
        self._refusals.pop(session_id, None)
        self._remove_bytes(session_id, list(self.file_storage.get(session_id, {})))
        super().remove_session_files(session_id)

    def refuse(self, session_id: str, sentence: str) -> None:
        """Keep why an upload was refused, until the session deletes a file or ends; its page asks for it."""
        self._refusals[session_id] = sentence

    def refusal(self, session_id: str) -> str | None:
        """Why the latest upload that was refused was."""
        return self._refusals.get(session_id)

    def close(self) -> None:
        """Delete all bytes; the folder is made anew if another file comes."""
        folder, self._folder = self._folder, None
        if folder is not None and self._in_use is not None:
            shutil.rmtree(folder, ignore_errors=True)
            self._in_use.close()

    def _reserve(self, arriving: _Key, address: str, size: int) -> None:
        session_id = arriving[0]
        with self._budget:
            others = [(key[0], upload) for key, upload in self._uploads.items() if key != arriving]
            of_tab = [upload.bytes for session, upload in others if session == session_id]
            _check(sum(of_tab) + size, limits.UPLOAD_MEGABYTES_PER_TAB, "of this tab", "Reload the page to empty it")
            if len(of_tab) >= limits.limit(limits.UPLOAD_FILES_PER_TAB):
                raise CnnError(
                    f"This server keeps at most {len(of_tab):,} files of a tab, and has that many of this one. Reload "
                    "the page to empty it, then bring fewer at once."
                )
            of_address = sum(upload.bytes for _, upload in others if upload.address == address)
            wait = "Close other tabs, or wait until others have closed theirs"
            _check(of_address + size, limits.UPLOAD_MEGABYTES_PER_ADDRESS, f"from {address}", wait)
            _check(sum(upload.bytes for _, upload in others) + size, limits.UPLOAD_MEGABYTES, "of all visitors", wait)
            check_free_space(home(), size)
            self._uploads[arriving] = _Upload(address, size)

    def _remove_bytes(self, session_id: str, file_ids: list[str]) -> None:
        for record in self.get_files(session_id, file_ids):
            if isinstance(record.data, BytesOnDisk):
                record.data.path.unlink(missing_ok=True)
        with self._budget:
            for file_id in file_ids:
                self._uploads.pop((session_id, file_id, _KEPT), None)

    def _write(self, data: bytes) -> Path:
        with self._budget:
            if self._folder is None:
                self._folder, self._in_use = _new_folder()
        with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
            path = Path(file.name)
            try:
                file.write(data)
            except OSError:
                path.unlink()
                raise
        return path


def _check(bytes: int, limit: str, whose: str, remedy: str) -> None:
    room = limits.limit_in_bytes(limit)
    if bytes > room:
        raise CnnError(
            f"With this file the uploads {whose} would take more than the {room // limits.MEGABYTE:,} MB that this "
            f"server keeps of them. {remedy}, then try again."
        )


def _new_folder() -> tuple[Path, IO[str]]:
    """A folder for this process' uploads and its lock; those of processes that have died are deleted."""
    parent = home() / "uploads"
    parent.mkdir(mode=0o700, exist_ok=True)
    with (home() / "uploads.lock").open("a") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        for left in parent.iterdir():
            # Either is in use, or another server that ends is just deleting it.
            with suppress(BlockingIOError, FileNotFoundError), (left / _LOCK).open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(dir=parent))
        in_use = (folder / _LOCK).open("a")
        fcntl.flock(in_use, fcntl.LOCK_EX)
    return folder, in_use
