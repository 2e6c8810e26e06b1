"""What a visitor's pages keep in this server's memory, so that a reload or a dropped connection brings it back.

Streamlit's session state ends with the connection. What is remembered here belongs to the workspace and is found by
that browser's next session. Nothing is written to disk.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

from pages.shell.workspace import workspace_from_cookie

KEPT_SECONDS = 30 * 60  # after the last use
MAX_BYTES_OF_VISITOR = 100 * 2**20  # 300 colour photos of 320 x 320 pixels are 88 of them
MAX_BYTES = 512 * 2**20  # of all visitors: thirty who have 70 photos of 320 x 240 pixels each are 461


class _Entry(NamedTuple):
    value: Any
    size_in_bytes: int
    last_use: float


def _call_later(seconds: float, action: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, action)
    timer.daemon = True
    timer.start()


class VisitorMemory:
    """Values of all visitors, by owner and name; the least recently used are dropped first.

    Threads may share it.

    Args:
        clock: gives the time in seconds; it never goes back.
        call_later: calls a function once after so many seconds.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        call_later: Callable[[float, Callable[[], None]], None] = _call_later,
    ) -> None:
        self._clock, self._call_later = clock, call_later
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()  # the least recently used first
        self._is_sweep_due = False

    def remember(self, owner: str, name: str, value: Any, size_in_bytes: int) -> bool:
        """See ``remember``."""
        with self._lock:
            self._drop_expired()
            self._entries.pop((owner, name), None)
            if size_in_bytes > MAX_BYTES_OF_VISITOR:
                return False
            self._make_room([key for key in self._entries if key[0] == owner], MAX_BYTES_OF_VISITOR - size_in_bytes)
            self._make_room(list(self._entries), MAX_BYTES - size_in_bytes)
            self._entries[owner, name] = _Entry(value, size_in_bytes, self._clock())
            self._plan_sweep()
            return True

    def recall(self, owner: str, name: str) -> Any:
        """See ``recall``."""
        with self._lock:
            self._drop_expired()
            entry = self._entries.pop((owner, name), None)
            if entry is None:
                return None
            self._entries[owner, name] = entry._replace(last_use=self._clock())
            return entry.value

    def forget(self, owner: str, name: str) -> None:
        """See ``forget``."""
        with self._lock:
            self._entries.pop((owner, name), None)

    def forget_all(self, owner: str) -> None:
        """See ``forget_all``."""
        with self._lock:
            for key in [key for key in self._entries if key[0] == owner]:
                del self._entries[key]

    def _make_room(self, keys: list[tuple[str, str]], most: int) -> None:
        """Drop the first of these entries until the others have at most ``most`` bytes."""
        held = sum(self._entries[key].size_in_bytes for key in keys)
        for key in keys:
            if held <= most:
                break
            held -= self._entries.pop(key).size_in_bytes

    def _drop_expired(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        while self._entries and next(iter(self._entries.values())).last_use <= oldest:
            self._entries.popitem(last=False)

    def _plan_sweep(self) -> None:
        """Have expired entries dropped on time even if no visitor comes by."""
        if self._entries and not self._is_sweep_due:
            self._is_sweep_due = True
            first = next(iter(self._entries.values())).last_use
            self._call_later(max(0.0, first + KEPT_SECONDS - self._clock()), self._sweep)

    def _sweep(self) -> None:
        with self._lock:
            self._is_sweep_due = False
            self._drop_expired()
            self._plan_sweep()


memory = VisitorMemory()
"""The one of this process."""


def remember(name: str, value: Any, size_in_bytes: int) -> bool:
    """Keep a value for this visitor's later sessions, in place of the one that had this name.

    It is kept for ``KEPT_SECONDS`` after it was last remembered or recalled, and less long where more than
    ``MAX_BYTES`` or ``MAX_BYTES_OF_VISITOR`` are in use.

    Args:
        name: begins with the page's prefix, as in "teach.photos".
        value: is not copied, so it must not change afterwards.
        size_in_bytes: how much memory it takes.

    Returns:
        Whether it is kept: not if it is too large, nor if the browser sent no cookie, since then nobody could be told
        apart.
    """
    owner = workspace_from_cookie()
    return owner is not None and memory.remember(owner, name, value, size_in_bytes)


def recall(name: str) -> Any:
    """The value that this visitor has under a name; None if there is none, or it has been dropped."""
    owner = workspace_from_cookie()
    return None if owner is None else memory.recall(owner, name)


def forget(name: str) -> None:
    """Drop the value that this visitor has under a name, if any."""
    if (owner := workspace_from_cookie()) is not None:
        memory.forget(owner, name)


def forget_all() -> None:
    """Drop everything that is kept for this visitor."""
    if (owner := workspace_from_cookie()) is not None:
        memory.forget_all(owner)
