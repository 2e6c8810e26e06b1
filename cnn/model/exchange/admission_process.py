"""Loads a model file from elsewhere in a separate process with limited memory and time."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from cnn.errors import ModelError
from cnn.files import write_json, write_whole
from cnn.progress import Report, ShouldStop, progress, raise_if_stopped

MAX_ACTIVATIONS = 20_000_000  # of all layers for one image; MobileNetV2 at 160 pixels has 11 million
SECONDS_TO_LOAD = 120

_MEMORY_BYTES = 4 * 2**30


class ExpectedModel(NamedTuple):
    """What a model's card says about its input and output.

    Attributes:
        input_shape: [height, width, channels] of its uint8 images.
        classes: number of classes.
    """

    input_shape: list[int]
    classes: int


def load_in_subprocess(
    source: Path, folder: Path, expected: ExpectedModel, quoted_name: str, report: Report, should_stop: ShouldStop
) -> int:
    """Load a checked model file in a separate process, which saves the model again as ``folder/model.keras``.

    Args:
        quoted_name: name of the file for messages.
        report: called with progress events.
        should_stop: checked twice a second.

    Returns:
        Number of parameters of the model.

    Raises:
        ModelError: the file cannot be loaded or contradicts its card; the message says why.
        Stopped: ``should_stop`` returned True; nothing is kept.
    """
    result_file = folder / "admitted.json"
    command = [sys.executable, "-m", "cnn.model.exchange.admission_process", str(source), str(folder)]
    command.append(json.dumps(expected))
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
                elapsed = round(time.monotonic() - started)
                report(progress("Loading it in a process of its own", elapsed, None, "seconds so far"))
                try:
                    process.wait(0.5)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            process.kill()
    try:
        result = json.loads(result_file.read_text())
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{quoted_name} takes more memory or time to load than a model from this app does: refused."
        ) from error
    finally:
        result_file.unlink(missing_ok=True)
    if result["problem"]:
        raise ModelError(f"{quoted_name} is refused: {result['problem']}.")
    return int(result["parameters"])


def _admit(source: Path, folder: Path, expected: ExpectedModel) -> dict[str, Any]:
    """Load, check and save the model; runs in the separate process.

    Returns:
        {"problem": a clause for the message, or None, "parameters": their number, if there is no problem}.
    """
    import keras
    import numpy as np

    shape, classes = expected
    try:
        model = keras.saving.load_model(source, compile=False, safe_mode=True)
    except MemoryError:
        raise
    except Exception:  # Keras and HDF5 document no exceptions for unusable files
        return {"problem": "its weights do not fit its layers, or are damaged"}
    if not isinstance(model.input_shape, tuple) or list(model.input_shape[1:]) != shape:
        return {"problem": f"it does not take images of {' x '.join(map(str, shape))}, as its card says"}
    if len(model.outputs) != 1 or tuple(model.output_shape) not in ((None, classes), *([(None, 1)] * (classes == 2))):
        return {"problem": f"it does not answer with {classes} classes, as its card says"}
    activations = sum(int(np.prod(layer.output.shape[1:])) for layer in model.layers)
    if activations > MAX_ACTIVATIONS:
        return {
            "problem": f"it makes {activations:,} numbers of one image, and at most {MAX_ACTIVATIONS:,} can be taken"
        }
    logits = np.asarray(model(np.zeros((1, *shape), np.uint8), training=False))
    if not np.isfinite(logits).all():
        return {"problem": "its weights are not numbers, so it has no answer"}
    write_whole(folder / "model.keras", model.save)
    return {"problem": None, "parameters": model.count_params()}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    _source, _folder, _expected = sys.argv[1:]
    _result = _admit(Path(_source), Path(_folder), ExpectedModel(*json.loads(_expected)))
    write_json(Path(_folder) / "admitted.json", _result)
