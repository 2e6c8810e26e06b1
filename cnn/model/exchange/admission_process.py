"""Loading a model file that came from elsewhere in a process of its own, which may take little memory and time."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from cnn.errors import ModelError
from cnn.files import write_json, write_whole
from cnn.progress import Report, ShouldStop, progress, raise_if_stopped

MAX_NUMBERS = 20_000_000  # that the layers make of one image; MobileNetV2 at 160 pixels makes 11 million
SECONDS_TO_LOAD = 120

_MEMORY = 4 * 2**30


def load_in_own_process(
    source: Path, folder: Path, shape: list[int], classes: int, shown: str, report: Report, should_stop: ShouldStop
) -> int:
    """Load a checked model file in a process of its own, which saves it anew as ``folder/model.keras``.

    Args:
        shape: (height, width, channels) that it must take, uint8.
        classes: how many it must tell apart.
        shown: what the file is called in messages.
        report: called with progress events.
        should_stop: asked twice a second.

    Returns:
        Its number of parameters.

    Raises:
        ModelError: it cannot be loaded, or is not what its card says; one sentence says why.
        Stopped: ``should_stop`` said so; nothing is kept.
    """
    result = folder / "admitted.json"
    expected = json.dumps([shape, classes])
    command = [sys.executable, "-m", "cnn.model.exchange.admission_process", str(source), str(folder), expected]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    started = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=Path(__file__).parents[3],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            while process.poll() is None and time.monotonic() - started < SECONDS_TO_LOAD:
                raise_if_stopped(should_stop)
                passed = round(time.monotonic() - started)
                report(progress("Loading it in a process of its own", passed, None, "seconds so far"))
                try:
                    process.wait(0.5)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            process.kill()
    try:
        found = json.loads(result.read_text())
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{shown} takes more memory or time to load than a model from this app does: refused."
        ) from error
    finally:
        result.unlink(missing_ok=True)
    if found["problem"]:
        raise ModelError(f"{shown} is refused: {found['problem']}.")
    return int(found["parameters"])


def _admit(source: Path, folder: Path, shape: list[int], classes: int) -> dict[str, Any]:
    """What the process does: load, try, save anew."""
    import keras
    import numpy as np

    try:
        model = keras.saving.load_model(source, compile=False, safe_mode=True)
    except MemoryError:
        raise
    except Exception:  # Keras and HDF5 raise whatever their parts raise
        return {"problem": "its weights do not fit its layers, or are damaged"}
    if not isinstance(model.input_shape, tuple) or list(model.input_shape[1:]) != shape:
        return {"problem": f"it does not take images of {' x '.join(map(str, shape))}, as its card says"}
    if len(model.outputs) != 1 or tuple(model.output_shape) not in ((None, classes), *([(None, 1)] * (classes == 2))):
        return {"problem": f"it does not answer with {classes} classes, as its card says"}
    numbers = sum(int(np.prod(layer.output.shape[1:])) for layer in model.layers)
    if numbers > MAX_NUMBERS:
        return {"problem": f"it makes {numbers:,} numbers of one image, and at most {MAX_NUMBERS:,} can be taken"}
    answer = np.asarray(model(np.zeros((1, *shape), np.uint8), training=False))
    if not np.isfinite(answer).all():
        return {"problem": "its weights are not numbers, so it has no answer"}
    write_whole(folder / "model.keras", model.save)
    return {"problem": None, "parameters": model.count_params()}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    source_, folder_, expected_ = sys.argv[1:]
    shape_, classes_ = json.loads(expected_)
    write_json(Path(folder_) / "admitted.json", _admit(Path(source_), Path(folder_), shape_, classes_))
