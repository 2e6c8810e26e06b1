"""MobileNetV2's weights, fetched when a person has agreed to it: 9 MB, kept where Keras itself looks for them."""

import contextlib
import os
from pathlib import Path
from typing import Any

import requests

from cnn.errors import ModelError
from cnn.files import write_whole
from cnn.progress import Report, ShouldStop, progress, progress_meter, raise_if_stopped

PIECE = 2**16
SECONDS_TO_CONNECT, SECONDS_WITHOUT_A_BYTE = 10.0, 30.0


def fetch(report: Report, should_stop: ShouldStop) -> None:
    """Fetch the weights to ``cnn.model.pretrained_bases.weights_file()``, whole or not at all.

    Args:
        report: called with progress events, in bytes.
        should_stop: asked often.

    Raises:
        ModelError: no network, no space, or what came is not the file; the sentence says what to do.
        Stopped: ``should_stop`` said so; nothing half done is left.

    Source: ``keras.applications.mobilenet_v2``, whose address this is.
    """
    file = weights_file()
    if file.is_file():
        return
    report(progress("Fetching MobileNetV2's weights", 0, WEIGHTS_BYTES, "bytes"))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, lambda path: _download(path, report, should_stop))
    except requests.RequestException as error:
        raise ModelError(
            f"MobileNetV2's weights could not be fetched: {_reason(error)}. Nothing half done was kept. Try again when "
            f"there is a network, put the file {WEIGHTS_FILE} into {file.parent}, or use the built-in base."
        ) from error
    except OSError as error:
        raise ModelError(
            f"MobileNetV2's weights could not be kept in {file.parent} ({error.strerror}). Set KERAS_HOME to a folder "
            "you may write to, or use the built-in base."
        ) from error


def run_job(folder: Path, settings: dict[str, Any], report: Report, should_stop: ShouldStop) -> None:
    """The job of kind ``weights``."""
    fetch(report, should_stop)


def _download(path: Path, report: Report, should_stop: ShouldStop) -> None:
    limits = (SECONDS_TO_CONNECT, SECONDS_WITHOUT_A_BYTE)
    with contextlib.closing(requests.get(WEIGHTS_URL, stream=True, timeout=limits)) as answer:
        answer.raise_for_status()
        total = int(answer.headers.get("Content-Length", WEIGHTS_BYTES))
        done = 0
        step = progress_meter(report, "Fetching MobileNetV2's weights", total, "bytes")
        with path.open("wb") as file:
            for piece in answer.iter_content(PIECE):
                raise_if_stopped(should_stop)
                done += file.write(piece)
                step(done)
    if done != total:
        raise requests.ConnectionError(f"it broke off after {done:,} of {total:,} bytes")
    _check(path)


def _check(path: Path) -> None:
    """Refuse what is not the weights, such as a provider's page of its own."""
    import h5py

    try:
        with h5py.File(path) as file:
            layers = len(file.attrs["layer_names"])
    except (OSError, KeyError) as error:
        raise ModelError(
            "What came in place of MobileNetV2's weights is another file, perhaps a page of the network's provider. "
            "Open a page of the internet in a browser first, then try again; or use the built-in base."
        ) from error
    if layers < 150:
        raise ModelError(f"The file that came has {layers} layers, and MobileNetV2 has over 150. Try again later.")


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time"
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code}"
    text = str(error)
    return text if text.startswith("it broke off") else "there is no connection to it"


WEIGHTS_FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_160_no_top.h5"
WEIGHTS_URL = f"https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/{WEIGHTS_FILE}"
WEIGHTS_BYTES = 9_406_464


def weights_file() -> Path:
    """Where MobileNetV2's weights are or will be: below ``KERAS_HOME``, or ``~/.keras``, as Keras itself has it."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models" / WEIGHTS_FILE
