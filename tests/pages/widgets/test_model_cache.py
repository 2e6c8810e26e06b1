"""Repeated requests for maps and heatmaps do not fill the server's memory."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
REQUESTS = 500
MEGABYTES = 20  # usual growth is below 2; keeping all maps takes 140, recompiling every time 28


def memory_growth(*arguments: str) -> float:
    """Growth of a new process's memory over all requests, in megabytes.

    A new process, because objects left by other tests would hide a leak, or look like one.
    """
    command = [sys.executable, "-m", "tests.pages.widgets.repeated_requests", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return float(done.stdout.split()[-1])


def test_a_thousand_requests_to_three_models_leak_nothing() -> None:
    assert memory_growth(str(REQUESTS)) < MEGABYTES


def test_the_measurement_would_notice_a_leak() -> None:
    assert memory_growth(str(REQUESTS), "leak") > MEGABYTES
