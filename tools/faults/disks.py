"""A disk that is full, and one that can no longer be written to: small ones of this process's own.

They are mounted in a mount namespace of their own (``unshare``), so that nothing else on the machine sees them, and no
rights are needed where the system lets everybody have such a namespace.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import numpy as np

from cnn.home import home
from cnn.jobs.worker import UNWRITABLE
from tools.faults.kills import run_in_training
from tools.faults.run_watch import (
    NotHeld,
    Weights,
    check_finished,
    queue_run,
    refusal_of,
    resume_and_finish,
    wait_for_state,
)
from tools.faults.servers import ENVIRONMENT, FEW
from tools.faults.visit import open_pages
from tools.running_server import ROOT, running_server

MEGABYTES = 400
_UNSHARE = ("unshare", "--user", "--map-root-user", "--mount", "--kill-child", "--fork")
_RESULT = "result: "


def can_mount() -> bool:
    """Whether this process may mount disks that nothing else sees."""
    try:
        tried = subprocess.run([*_UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    except OSError:
        return False
    return tried.returncode == 0


def run_mounted(fault: str, reference: Weights) -> str:
    """Run a fault of this module in a mount namespace, on a disk of its own; what happened.

    Raises:
        NotHeld: it was not withstood.
    """
    folder = home() / "mounted"
    folder.mkdir(exist_ok=True)
    np.savez(folder / "reference.npz", **reference)  # type: ignore[arg-type]
    command = [*_UNSHARE, sys.executable, "-m", "tools.faults.disks", fault, str(folder), str(home())]
    run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    results = [line.removeprefix(_RESULT) for line in run.stdout.splitlines() if line.startswith(_RESULT)]
    if not results:
        raise NotHeld(f"It broke off: {run.stdout[-2_000:]}")
    result = json.loads(results[-1])
    if not result["held"]:
        raise NotHeld(result["happened"])
    return str(result["happened"])


def fill_disk(reference: Weights) -> str:
    """Fill the disk in the middle of a run; make room, and continue the run."""
    return _prevent_writing(lambda: _full(home()), reference)


def forbid_writing(reference: Weights) -> str:
    """Make the folder of all runs read-only in the middle of a run; allow writing again, and continue the run."""
    return _prevent_writing(lambda: _read_only(home() / "runs"), reference)


def _prevent_writing(prevent: Callable[[], AbstractContextManager[object]], reference: Weights) -> str:
    """Train while nothing can be written for a time, in which pages open and a new run is refused.

    Args:
        prevent: gives the context in which nothing can be written.
    """
    with running_server(home(), ENVIRONMENT) as address:
        open_pages(address, pages=("home",))
        id = run_in_training()
        with prevent():
            open_pages(address, f"run={id}", FEW)
            sentence = refusal_of(queue_run)
            open_pages(address, f"run={id}", FEW)
        job = wait_for_state(id, "failed")
        if job.reason != UNWRITABLE:
            raise NotHeld(f"Of the run it is said: {job.reason}")
        said = resume_and_finish(id)
    return f"a new run is refused (“{sentence[:60]}…”), this one {said}; {check_finished(id, reference)}"


def start_read_only(reference: Weights) -> str:
    """Start a server on a data folder that cannot be written to: pages open, training is refused with a sentence."""
    logs = home().with_name("logs")
    logs.mkdir(exist_ok=True)
    with _read_only(home()), running_server(logs, {**ENVIRONMENT, "CNN_HOME": str(home())}) as address:
        opened = open_pages(address)
        sentence = refusal_of(queue_run)
    return f"{opened} pages open; a run is refused: “{sentence[:90]}…”"


@contextmanager
def _full(folder: Path) -> Iterator[None]:
    filler = folder / "filler"
    block = bytes(65_536)
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(block)
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    """Mounted over itself: files that are open in it for writing would keep a whole disk from becoming read-only."""
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _main(fault: str, folder: Path, prepared: Path) -> None:
    disk = folder / "disk"
    disk.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "none", disk], check=True)
    os.environ["CNN_HOME"] = str(disk / "home")
    for name in ("data", "tfds"):
        if (prepared / name).is_dir():
            shutil.copytree(prepared / name, home() / name)
    (home() / "runs").mkdir()
    with np.load(folder / "reference.npz") as file:
        reference = dict(file)
    try:
        result = {"held": True, "happened": globals()[fault](reference)}
    except Exception as error:
        result = {"held": False, "happened": str(error) if isinstance(error, NotHeld) else repr(error)}
    print(_RESULT + json.dumps(result), flush=True)


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
