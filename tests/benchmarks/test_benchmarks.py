"""Quick checks that the benchmarks can run; their measurements take minutes and are not tests."""

import contextlib
import importlib
import re
import select
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from benchmarks import __main__ as command
from benchmarks.harness import alternating
from benchmarks.harness.reporting import format_spread, print_result

FOLDER = Path(command.__file__).parent


def test_names_are_those_of_the_modules():
    assert set(command.NAMES) == {path.stem for path in FOLDER.glob("*.py") if "def run(" in path.read_text()}


def test_named_benchmarks_run_in_order_each_below_its_title(monkeypatch, capsys):
    for name in command.NAMES:
        module = importlib.import_module(f"benchmarks.{name}")
        monkeypatch.setattr(module, "run", lambda name=name: print(f"ran {name}"))
    assert command.main(["throughput", "pages"]) == 0
    assert re.findall(r"^(?:ran )?(?:throughput|pages)\b", capsys.readouterr().out, re.M) == [
        *("throughput", "ran throughput"),
        *("pages", "ran pages"),
    ]
    assert command.main([]) == 0
    assert re.findall(r"^ran (\w+)", capsys.readouterr().out, re.M) == list(command.NAMES)


def test_unknown_name_is_one_sentence_and_nothing_runs(capsys):
    assert command.main(["throughput", "speed"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    names = ", ".join(command.NAMES)
    assert err == f"There is no benchmark speed. Choose of: {names}.\n"


@pytest.mark.parametrize(
    ("value", "goal", "ending"),
    [
        (2.0, {"at_most": 2}, "(goal: at most 2)"),
        (2.001, {"at_most": 2}, "(goal: at most 2)  MISSED"),
        (73.0, {"at_least": 73.0}, "(goal: at least 73)"),
        (72.99, {"at_least": 73.0}, "(goal: at least 73)  MISSED"),
        (float("nan"), {"at_most": 2}, "(goal: at most 2)  MISSED"),
        (5.0, {}, "s"),
    ],
)
def test_result_states_its_goal_and_whether_it_is_met(capsys, value, goal, ending):
    print_result("first paint", value, "s", **goal)
    [line] = capsys.readouterr().out.splitlines()
    assert re.match(rf"  first paint +{value:.3f} s\b", line)
    assert line.endswith(ending)
    assert ("goal" in line) == bool(goal)


def test_spread_of_noisy_numbers():
    assert format_spread([3.0, 1.0, 2.5]) == "min 1.000, median 2.500, max 3.000"


def test_in_turn_each_process_is_timed_only_while_it_alone_runs(monkeypatch):
    monkeypatch.setattr(alternating, "SECONDS_PER_TURN", 0.05)
    busy = "import time\nwhile time.process_time() < 0.4: pass\nprint('done', flush=True)\ninput()"
    command = [sys.executable, "-c", busy]
    with contextlib.ExitStack() as stack:
        pair = []
        for _ in range(2):
            pair.append(stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)))
            stack.callback(pair[-1].kill)

        def done(process):
            return lambda: bool(select.select([process.stdout], [], [], 0)[0])

        seconds = alternating.run_in_turn((pair[0].pid, pair[1].pid), (done(pair[0]), done(pair[1])))
        # Both need 0.4 s of a core; run side by side on two cores, each would have been timed for half of that.
        assert min(seconds) > 0.3
        assert [psutil.Process(process.pid).status() for process in pair].count(psutil.STATUS_STOPPED) == 0
