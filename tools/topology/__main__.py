"""Start the services of ``compose.yaml`` as processes, kill some, and say what went on: ``make topology``.

Takes some minutes, needs Caddy, and leaves nothing behind. The exit status is 1 if a check failed.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tools.topology import checks
from tools.topology.browser import Browser
from tools.topology.processes import Topology, caddy, running_topology


def main() -> int:
    """Run all checks and print a table; returns the exit status."""
    try:
        caddy()
    except FileNotFoundError as error:
        sys.exit(str(error))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # or the services would go on without this process
    with tempfile.TemporaryDirectory(prefix="topology-", ignore_cleanup_errors=True) as folder:
        os.environ["CNN_HOME"] = str(Path(folder) / "data")
        with running_topology(Path(folder)) as topology:
            return 1 if run_checks(topology) else 0


def run_checks(topology: Topology) -> int:
    """Run the checks one after the other; a failed one does not end them. Returns how many failed."""
    failed = 0
    visitors: dict[str, Browser] = {}
    all_checks: dict[str, Callable[[], str]] = {
        "all services are up": lambda: checks.wait_for_services(topology),
        "plain connections are refused": lambda: checks.check_encryption(topology),
        "pages come from both servers": lambda: checks.check_pages(topology, visitors),
        "a visitor stays at one server": lambda: checks.check_stickiness(visitors),
        "a run queued on one is watched on the other": lambda: checks.check_watching(visitors),
        "memory (RSS) of each service, a run training": lambda: checks.measure_memory(topology, visitors),
        "a worker is killed, the run goes on": lambda: checks.check_killed_worker(topology),
        "a server is killed, its visitor goes on": lambda: checks.check_killed_server(topology, visitors),
        "the leading server is killed during a run": lambda: checks.check_killed_leader(topology, visitors),
    }
    for name, check in all_checks.items():
        started = time.monotonic()
        try:
            result, verdict = check(), "passed"
        except Exception as error:
            result, verdict, failed = f"{type(error).__name__}: {error}", "FAILED", failed + 1
        print(f"{verdict}  {time.monotonic() - started:5.1f} s  {name}: {result}", flush=True)
        if verdict == "FAILED" and len(visitors) < 2 and name != "plain connections are refused":
            print("The rest was not tried.")
            break
    return failed


if __name__ == "__main__":
    sys.exit(main())
