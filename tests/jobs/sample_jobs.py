"""Small jobs for the tests of queue and engine, of the kinds ``sample_jobs:<function>``."""

import errno
import os
import signal
import time
from pathlib import Path
from typing import Any

from cnn.errors import DatasetError
from cnn.jobs import worker
from cnn.progress import Report, ShouldStop, Stopped


def nothing(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    report({"type": "done"})


def until_stopped(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """Stops on request, or returns once its folder contains a file ``go``."""
    report({"type": "epoch", "epoch": 1})
    while not (folder / "go").exists():
        if should_stop():
            (folder / "in-order").touch()
            raise Stopped
        time.sleep(0.01)
    report({"type": "epoch", "epoch": 2})


def deaf(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    while True:
        time.sleep(0.05)


def deadly(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wrong_input(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    raise DatasetError("There is no data set 'cifar11'. Choose one of the list.")


def broken(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    raise ZeroDivisionError("a bug")


def full_disk(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def read_only_disk(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def full_disk_at_the_end(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """The disk is too full for the end state as well."""
    update_status = worker.update_status

    def full(*_: Any) -> None:
        worker.update_status = update_status
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    worker.update_status = full
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def stops_with_an_error(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    while not should_stop():
        time.sleep(0.01)
    raise RuntimeError("half a download was removed")
