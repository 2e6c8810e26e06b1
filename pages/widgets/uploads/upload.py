"""An uploaded file, read from disk when a page asks."""

import errno
import io
import os
from pathlib import Path
from typing import Any, BinaryIO, cast

from cnn.errors import CnnError


class Upload(io.RawIOBase):
    """An uploaded file, opened for reading; between two reads it is closed, so a page may hold thousands.

    Attributes:
        name: the visitor's.
        file_id: unique in the session.
        size: in bytes.
    """

    def __init__(self, name: str, file_id: str, size: int, source: Path | bytes) -> None:
        """Args: source: where the bytes are, or the bytes."""
        self.name, self.file_id, self.size = name, file_id, size
        self._source, self._position = source, 0

    def as_file(self) -> BinaryIO:
        """Itself, under the name by which annotations know what ``open`` gives."""
        return cast(BinaryIO, self)

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """The position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position, as files do."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))  # as files do
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes into a buffer; gives how many there were."""
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        """All bytes from here on."""
        return self._read(-1)

    def getvalue(self) -> bytes:
        """All bytes; the position stays."""
        position, self._position = self._position, 0
        try:
            return self._read(-1)
        finally:
            self._position = position

    def _read(self, count: int) -> bytes:
        try:
            with io.BytesIO(self._source) if isinstance(self._source, bytes) else self._source.open("rb") as file:
                file.seek(self._position)
                data = file.read(count)
        except FileNotFoundError as error:
            raise CnnError(f"“{self.name[:80]}” is no longer on this server; bring it in once more.") from error
        self._position += len(data)
        return data
