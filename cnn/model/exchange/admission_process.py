"""Loads a model file from elsewhere in a separate process with limited memory and time."""

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from cnn.files import write_json, write_whole
from cnn.model.exchange.confinement import limit_resources, run_confined
from cnn.progress import Report, ShouldStop

MAX_PARAMETERS = 26_214_400  # more than a file of 100 MB holds, in four bytes each
MAX_ACTIVATIONS = 20_000_000  # of all layers for one image; MobileNetV2 at 160 pixels has 11 million

_MODULE = "cnn.model.exchange.admission_process"


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
    arguments = [str(source), str(folder), json.dumps(expected)]
    result = run_confined(_MODULE, arguments, folder / "admitted.json", quoted_name, report, should_stop)
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
    if model.count_params() > MAX_PARAMETERS:
        problem = f"it has {model.count_params():,} parameters, and at most {MAX_PARAMETERS:,} can be taken"
        return {"problem": problem}
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
    limit_resources()
    _source, _folder, _expected = sys.argv[1:]
    _result = _admit(Path(_source), Path(_folder), ExpectedModel(*json.loads(_expected)))
    write_json(Path(_folder) / "admitted.json", _result)
