"""How many jobs a visitor, an address in the network and all together may have, and how much disk their runs."""

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from cnn import limits
from cnn.errors import CnnError, DamagedFileError, JobError
from cnn.files import write_json
from cnn.free_space import check_free_space, folder_bytes
from cnn.home import home
from cnn.jobs.record import Job, runs_folder
from cnn.stored_files import read_object

MEASURED_SECONDS = 60
_measured: dict[Path, tuple[float, int]] = {}  # by folder: when, and its bytes
# By job, the mark of the address it came from: the limit is one for all servers, and holds when one starts anew.
_MARKS = "job_addresses.json"
_MARK_BYTES = 2  # 65,536 addresses of IPv4 have the same mark: nobody's address can be read from it


def _no_address() -> str | None:
    return None


_find_address: Callable[[], str | None] = _no_address


def find_address_with(find: Callable[[], str | None]) -> None:
    """Have ``find`` say from which address in the network the request of this thread comes; None if from no other."""
    global _find_address
    _find_address = find


def remember_address(job_id: str, active: list[Job]) -> None:
    """Count a job as one of the address whose request this is; only inside the lock of the queue.

    Args:
        active: all other jobs that are queued or running.
    """
    if (address := _find_address()) is not None:
        with suppress(OSError):  # a full disk takes the count, and not the job
            write_json(home() / _MARKS, {**_read_marks(active), job_id: _mark(address)})


def run_bytes() -> int:
    """The bytes of all runs, measured once a minute at most: of a thousand runs they take a second."""
    folder = runs_folder()
    measured_at, size = _measured.get(folder, (-MEASURED_SECONDS, 0))
    if time.monotonic() - measured_at >= MEASURED_SECONDS:
        size = folder_bytes(folder)
        _measured[folder] = time.monotonic(), size
    return size


def check_disk() -> None:
    """Check that another job may write to disk.

    Raises:
        JobError: too little is free, or the runs of all take too much.
    """
    try:
        check_free_space(home())
    except CnnError as error:
        raise JobError(str(error)) from error
    most = limits.limit_in_bytes(limits.RUN_MEGABYTES)
    if run_bytes() >= most:
        raise JobError(
            f"The runs and models on this server take {most // limits.MEGABYTE:,} MB together, all that they may. "
            "Nothing was lost; delete those that you no longer need on the Models page, and ask others to."
        )


def check_number(active: list[Job], workspace: str) -> None:
    """Check that a visitor may have one job more.

    Args:
        active: all jobs that are queued or running.

    Raises:
        JobError: the visitor, the address or all together have too many.
    """
    most = limits.limit(limits.JOBS_PER_VISITOR)
    if sum(job.workspace == workspace for job in active) >= most:
        raise JobError(
            f"You already have {most} runs queued or running, the most a visitor may have at once. "
            "Wait until one has ended, or stop one."
        )
    address, most = _find_address(), limits.limit(limits.JOBS_PER_ADDRESS)
    if address is not None and list(_read_marks(active).values()).count(_mark(address)) >= most:
        raise JobError(
            f"{most} runs from your network address are queued or running already, the most there may be at once. "
            "Nothing was lost; wait until one has ended, or stop one."
        )
    most = limits.limit(limits.JOBS_WAITING)
    if sum(job.state == "queued" for job in active) >= most:
        raise JobError(
            f"{most} runs of all visitors wait already, the most this server takes. Nothing was lost; try again when "
            "some have ended."
        )


def _mark(address: str) -> str:
    return hashlib.blake2b(address.encode(), digest_size=_MARK_BYTES, person=b"job address").hexdigest()


def _read_marks(active: list[Job]) -> dict[str, Any]:
    """The marks of the active jobs; none if they cannot be read."""
    try:
        marks = read_object(home() / _MARKS)
    except DamagedFileError:
        return {}
    return {job.id: marks[job.id] for job in active if job.id in marks}
