"""Runs work on a file from elsewhere in a process of its own, with limited memory and time."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from cnn.errors import ModelError
from cnn.progress import Report, ShouldStop, progress, raise_if_stopped

SECONDS_TO_LOAD = 1800

# Of a processor: on a busy machine the same work takes several times as long, which is not the file's fault.
_PROCESSOR_SECONDS = 120
_MEMORY_BYTES = 4 * 2**30


def run_confined(
    module: str, arguments: list[str], result_file: Path, quoted_name: str, report: Report, should_stop: ShouldStop
) -> dict[str, Any]:
    """Run ``python -m module arguments``, which has to write ``result_file``, and read and delete that.

    Args:
        result_file: JSON with an entry "problem": a clause for the message, or None.
        quoted_name: name of the file from elsewhere, for messages.
        report: called with progress events.
        should_stop: checked twice a second.

    Raises:
        ModelError: the process took too much time or memory, or names a problem; the message says which.
        Stopped: ``should_stop`` returned True.
    """
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=Path(__file__).parents[3],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            while process.poll() is None and time.monotonic() - started < SECONDS_TO_LOAD:
                raise_if_stopped(should_stop)
                elapsed = round(time.monotonic() - started)
                report(progress("Loading it in a process of its own", elapsed, None, "seconds so far"))
                try:
                    process.wait(0.5)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            process.kill()
    try:
        result = dict(json.loads(result_file.read_text()))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{quoted_name} takes more memory or time to load than a model from this app does: refused."
        ) from error
    finally:
        result_file.unlink(missing_ok=True)
    if result["problem"]:
        raise ModelError(f"{quoted_name} is refused: {result['problem']}.")
    return result


def limit_resources() -> None:
    """Limit memory and processor time of this process; neither can be raised again."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_SECONDS, _PROCESSOR_SECONDS))
