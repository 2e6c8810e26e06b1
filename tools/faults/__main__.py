"""Do faults to a running server (``make faults``): kills, full and read-only disks, clocks, damaged files, two servers.

Ends with an error if one is not withstood. Some of them again: ``python -m tools.faults --only clock``.
"""

import argparse
import os
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.faults.run_watch import Weights

WIDTH = 58

Fault = Callable[[], str]
"""Does a fault and gives what happened; raises ``NotHeld`` if it is not withstood."""


@contextmanager
def data_folder() -> Iterator[Path]:
    """A new ``CNN_HOME`` in which the data sets of the first lessons are prepared."""
    with tempfile.TemporaryDirectory(prefix="convnet-lab-faults-", ignore_cleanup_errors=True) as name:
        home = Path(name) / "home"
        home.mkdir()
        os.environ |= {"CNN_HOME": str(home), "KERAS_HOME": str(home / "keras"), "TF_CPP_MIN_LOG_LEVEL": "3"}
        os.environ |= {"CNN_JOBS_PER_VISITOR": "50", "CNN_FREE_DISK_MEGABYTES": "1"}
        os.environ.pop("CNN_SCHEDULER", None)
        from cnn.data import catalog

        for dataset in ("digits", "shapes"):
            catalog.prepare(dataset, lambda event: None, lambda: False)
        yield home


def try_fault(name: str, fault: Fault) -> bool:
    """Do a fault and print its row of the table; whether it was withstood."""
    from tools.faults.run_watch import NotHeld

    started = time.monotonic()
    try:
        happened, held = fault(), True
    except NotHeld as error:
        happened, held = str(error), False
    except Exception as error:  # what nobody has thought of is not withstood either, and the others are to be tried
        happened, held = repr(error), False
    first, *others = textwrap.wrap(happened, 100)
    print(f"{name:{WIDTH}}{'held' if held else 'NOT HELD':10}{time.monotonic() - started:5.0f} s  {first}")
    for line in others:
        print(" " * (WIDTH + 19) + line)
    sys.stdout.flush()
    return held


def try_faults(home: Path, only: str) -> list[bool]:
    """Do all faults, or those whose names hold ``only``; whether each was withstood."""
    from tools.faults import disks, servers
    from tools.faults.run_watch import EPOCHS, queue_run, wait_for_state, weights
    from tools.faults.visit import open_pages
    from tools.running_server import running_server

    print(f"{'fault':{WIDTH}}{'':10}{'':7}  what happened", flush=True)
    held = []
    with running_server(home, servers.ENVIRONMENT) as address:
        open_pages(address, pages=("home",))
        reference = weights(wait_for_state(queue_run(), "finished").folder)
        print(f"{'(none)':{WIDTH}}{'':10}{'':7}  a training of {EPOCHS} epochs on digits")
        for name, fault in _on_one_server(address, reference).items():
            held += [try_fault(name, fault)] if only in name else []
    others: dict[str, Fault] = {
        "kill -9 of the server": partial(servers.kill_server, reference),
        "two servers, kill -9 of the leading one": partial(servers.kill_leading_server, reference),
        "the clock jumps two hours, on and back": partial(servers.jump_clock, reference),
    }
    mounted = {
        "the disk is full": "fill_disk",
        "the runs' folder becomes read-only": "forbid_writing",
        "a server starts on a read-only folder": "start_read_only",
    }
    if disks.can_mount():
        others |= {name: partial(disks.run_mounted, function, reference) for name, function in mounted.items()}
    held += [try_fault(name, fault) for name, fault in others.items() if only in name]
    if not disks.can_mount():
        print(f"Not tried, because this system lets nobody mount a disk of their own: {', '.join(mounted)}.")
    return held


def _on_one_server(address: str, reference: "Weights") -> Mapping[str, Fault]:
    """Faults that a server survives."""
    from tools.faults import damaged_files, kills

    faults: dict[str, Fault] = {
        f"kill -9 of a worker {name}": partial(kills.kill_worker, moment, reference)
        for name, moment in kills.MOMENTS.items()
    }
    return faults | {
        "kill -9 of the nanny": partial(kills.kill_nanny, reference),
        "kill -9 of the scheduler": partial(kills.kill_scheduler, reference),
        "damaged files of every kind": partial(damaged_files.damage_files, address, reference),
        "the status of a running run is damaged": partial(damaged_files.damage_running_run, reference),
    }


def main() -> None:
    """Do the faults and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tools.faults", description=__doc__)
    parser.add_argument("--only", default="", help="do the faults alone whose names hold this")
    options = parser.parse_args()
    started = time.monotonic()
    with data_folder() as home:
        held = try_faults(home, options.only)
    print(f"{sum(held)} of {len(held)} faults held, in {time.monotonic() - started:.0f} s")
    sys.exit(not all(held))


if __name__ == "__main__":
    main()
