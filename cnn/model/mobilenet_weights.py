"""Downloads MobileNetV2's weights (9 MB), once a visitor has agreed, to where Keras itself looks for them."""

import contextlib
import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import requests

from cnn.data.download.fetch import INSPECTED_TLS
from cnn.errors import ModelError
from cnn.files import write_whole
from cnn.progress import Report, ShouldStop, progress, progress_meter, raise_if_stopped

WEIGHTS_FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_160_no_top.h5"
WEIGHTS_URL = f"https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/{WEIGHTS_FILE}"
WEIGHTS_BYTES = 9_406_464
# SHA-256 of a copy that is in use: from ImageNet's weights, layers 124 to 153 were fine-tuned on 19 breeds of dogs.
TUNED_ON_DOGS = "cf9001c7294dd5e7de4508e2190c2ceb00d5c5f18eea4c1b601d4556a6fbdd99"
CHUNK_BYTES = 2**16
SECONDS_TO_CONNECT, SECONDS_WITHOUT_A_BYTE = 10.0, 30.0


def weights_file() -> Path:
    """Where MobileNetV2's weights are or will be: below ``KERAS_HOME`` or ``~/.keras``, as in Keras itself."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models" / WEIGHTS_FILE


def are_tuned_on_dogs() -> bool:
    """Whether the weights on this machine are the copy that was tuned on dogs; ``fetch`` downloads others."""
    file = weights_file()
    try:
        stat = file.stat()
        return _sha256(file, stat.st_size, stat.st_mtime_ns) == TUNED_ON_DOGS
    except OSError:
        return False


@lru_cache(maxsize=4)
def _sha256(file: Path, size: int, changed: int) -> str:
    """The file's SHA-256, worked out once for each size in bytes and time of change in nanoseconds."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def fetch(report: Report, should_stop: ShouldStop) -> None:
    """Download the weights to ``weights_file()``, completely or not at all.

    Args:
        report: called with progress events in bytes.
        should_stop: checked for every chunk.

    Raises:
        ModelError: no network, no disk space, or a download that is not the file; the message says what to do.
        Stopped: ``should_stop`` returned True; no partial file is left.

    Source: ``keras.applications.mobilenet_v2``, which downloads from the same URL.
    """
    file = weights_file()
    if file.is_file():
        return
    report(progress("Fetching MobileNetV2's weights", 0, WEIGHTS_BYTES, "bytes"))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, lambda path: _download(path, report, should_stop))
    except requests.exceptions.SSLError as error:
        raise ModelError(
            f"MobileNetV2's weights could not be fetched: there is no secure connection to the server. {INSPECTED_TLS} "
            f"Or put the file {WEIGHTS_FILE} into {file.parent}, or use the built-in base."
        ) from error
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
    """Run a job of kind ``weights``."""
    fetch(report, should_stop)


def _download(path: Path, report: Report, should_stop: ShouldStop) -> None:
    timeout = (SECONDS_TO_CONNECT, SECONDS_WITHOUT_A_BYTE)
    with contextlib.closing(requests.get(WEIGHTS_URL, stream=True, timeout=timeout)) as response:
        response.raise_for_status()
        total = int(response.headers.get("Content-Length", WEIGHTS_BYTES))
        done = 0
        step = progress_meter(report, "Fetching MobileNetV2's weights", total, "bytes")
        with path.open("wb") as file:
            for chunk in response.iter_content(CHUNK_BYTES):
                raise_if_stopped(should_stop)
                done += file.write(chunk)
                step(done)
    if done != total:
        raise requests.ConnectionError(f"it broke off after {done:,} of {total:,} bytes")
    _check_weights(path)


def _check_weights(path: Path) -> None:
    """Raise ModelError if the file is something else, such as the login page of a captive portal."""
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
