"""Runs a piece of Python in several processes at once, as two servers on one data folder would."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# All wait until every one has imported what it needs, so that they do the rest at the same moment.
START = """
import sys
print("ready", flush=True)
sys.stdin.readline()
"""


def run_together(imports: str, code: str, processes: int = 2) -> list[str]:
    """Run ``code`` in several processes that begin at the same moment, each with the environment of the test.

    Args:
        imports: run first, without waiting for the others.

    Returns:
        What each has printed.
    """
    started = [
        subprocess.Popen(
            [sys.executable, "-c", imports + START + code, str(number)],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(processes)
    ]
    for process in started:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == "ready\n", process.stderr and process.stderr.read()
    for process in started:
        process.stdin.write("\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
    results = [process.communicate(timeout=120) for process in started]
    assert [(process.returncode, errors) for process, (_, errors) in zip(started, results, strict=True)] == [
        (0, "")
    ] * processes
    return [output for output, _ in results]
