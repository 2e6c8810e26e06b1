"""Runs one case and watches it: what it raises, how long it takes, how much memory, and where it writes."""

import os
import random
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple

from cnn.errors import CnnError

MAX_SECONDS = 2.0
MAX_MEGABYTES = 300.0

TryCase = Callable[[random.Random, Path], None]
"""Tries a case drawn by the generator, and writes to the folder alone; a CnnError is an answer."""

_CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_written: list[str] = []


class Outcome(NamedTuple):
    """What was seen of a case.

    Attributes:
        error: the traceback of an exception that is none of the app's own; "" if there was none.
        seconds: it took, without those that other programs of a busy machine took.
        megabytes: by which the process's memory grew at most; 0 where the system does not say it.
        outside: paths outside its folder that it has written, made, moved or removed.
    """

    error: str
    seconds: float
    megabytes: float
    outside: tuple[str, ...]

    @property
    def problem(self) -> str:
        """What must not be, in words; "" if all is well."""
        if self.error:
            return self.error
        if self.outside:
            return f"It wrote outside of its folder: {', '.join(self.outside)}."
        return f"It took {self.megabytes:,.0f} MB." if self.megabytes > MAX_MEGABYTES else ""

    @property
    def took_too_long(self) -> str:
        """That it took too long, in words; "" if not. On a machine with other work nothing follows from it."""
        return f"It took {self.seconds:.1f} s." if self.seconds > MAX_SECONDS else ""


def watch_writes() -> None:
    """Note from now on what this process writes through Python; cannot be ended."""
    sys.addaudithook(_note)
    sys.dont_write_bytecode = True


def run_case(try_case: TryCase, name: str, folder: Path) -> Outcome:
    """Try one case.

    Args:
        name: of the case, from which its generator is made, so that it can be tried again.
        folder: where it may write.
    """
    _written.clear()
    before, error = _reset_peak(), ""
    started = perf_counter(), process_time()
    try:
        try_case(random.Random(name), folder)
    except CnnError:
        pass
    except Exception:
        error = traceback.format_exc()
    seconds = min(perf_counter() - started[0], process_time() - started[1])
    allowed = (os.path.realpath(folder), os.path.realpath(tempfile.gettempdir()), os.devnull)
    outside = tuple(path for path in dict.fromkeys(_written) if not os.path.realpath(path).startswith(allowed))
    return Outcome(error, seconds, max(0.0, _peak() - before) if before else 0.0, outside)


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, mode, flags = arguments
        if isinstance(path, str | bytes | os.PathLike) and (set(mode or "") & set("wax+") or (flags or 0) & _WRITING):
            _written.append(os.fsdecode(path))
    elif event in _CHANGES:
        _written.extend(os.fsdecode(path) for path in arguments if isinstance(path, str | bytes | os.PathLike))


def _reset_peak() -> float:
    """Let the system measure this process's highest memory anew; gives its memory now, in megabytes, or 0."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
        _written.clear()
    except OSError:
        return 0.0
    return _peak()


def _peak() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
