"""Two real servers on one data folder, the leading one killed during a run."""

import contextlib
import os
import signal
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from cnn.jobs import queue
from cnn.training.config import recipe
from tests.jobs.job_control import ANN, epochs, let_finish, state, submit_sample, wait_until
from tools.running_server import ROOT, running_server
from tools.topology.browser import Browser
from tools.topology.checks import holds_lock


def leaders(home: Path) -> list[int]:
    """The process that leads, of those that this test has started."""
    children = psutil.Process().children(recursive=True)
    return [child.pid for child in children if holds_lock(child.pid, home / "engine.lock")]


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="/proc/locks is Linux's")
def test_a_run_outlives_the_server_that_led(digits_and_shapes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = digits_and_shapes
    monkeypatch.setenv("CNN_SLOTS", "1")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "tests" / "jobs"), str(ROOT)]))
    with contextlib.ExitStack() as stack:
        addresses = [stack.enter_context(running_server(home)) for _ in range(2)]
        browsers = [Browser(SimpleNamespace(site=address)) for address in addresses]
        for browser in browsers:
            browser.open_page("home")
        running = submit_sample("until_stopped")
        wait_until(lambda: epochs(running))
        settings = recipe("digits", "tutorial").to_dict()
        queued = queue.submit("train", settings, workspace=ANN, name="The run of Ann")
        for browser in browsers:
            assert "The run of Ann" in browser.open_page("training", f"run={queued}")
        queue.request_stop(queued, ANN)
        [first] = leaders(home)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: leaders(home) not in ([], [first]))
        wait_until(lambda: state(running) == "interrupted")
        assert "Continue" in (queue.read(running).reason or "")
        queue.resume(running, ANN)
        let_finish(running)
        wait_until(lambda: state(running) == "finished")
        assert epochs(running) == [(1, 1), (1, 2), (2, 2)]
