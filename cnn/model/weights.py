"""MobileNetV2's weights, fetched when a person has agreed to it: 9 MB, kept where Keras itself looks for them."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from cnn.errors import ModelError
from cnn.home import write_whole
from cnn.model import transfer
from cnn.progress import progress

PIECE = 2**16
SECONDS_TO_CONNECT, SECONDS_WITHOUT_A_BYTE = 10.0, 30.0
SECONDS_BETWEEN_REPORTS = 0.3


class FetchStopped(Exception):
    """``should_stop`` said so; nothing half done is left."""


def fetch(report: Callable[[dict[str, Any]], None], should_stop: Callable[[], bool]) -> None:
    """Fetch the weights to ``cnn.model.transfer.weights_file()``, whole or not at all.

    Args:
        report: called with progress events, in bytes.
        should_stop: asked often.

    Raises:
        ModelError: no network, no space, or what came is not the file; the sentence says what to do.
        FetchStopped: ``should_stop`` said so.

    Source: ``keras.applications.mobilenet_v2``, whose address this is.
    """
    file = transfer.weights_file()
    if file.is_file():
        return
    report(progress("Fetching MobileNetV2's weights", 0, transfer.WEIGHTS_BYTES, "bytes"))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, lambda path: _download(path, report, should_stop))
    except requests.RequestException as error:
        raise ModelError(
            f"MobileNetV2's weights could not be fetched: {_reason(error)}. Nothing half done was kept. Try again when "
            f"there is a network, put the file {transfer.WEIGHTS_FILE} into {file.parent}, or use the built-in base."
        ) from error
    except OSError as error:
        raise ModelError(
            f"MobileNetV2's weights could not be kept in {file.parent} ({error.strerror}). Set KERAS_HOME to a folder "
            "you may write to, or use the built-in base."
        ) from error


def run_job(
    folder: Path, settings: dict[str, Any], report: Callable[[dict[str, Any]], None], should_stop: Callable[[], bool]
) -> None:
    """The job of kind ``weights``."""
    fetch(report, should_stop)


def _download(path: Path, report: Callable[[dict[str, Any]], None], should_stop: Callable[[], bool]) -> None:
    limits = (SECONDS_TO_CONNECT, SECONDS_WITHOUT_A_BYTE)
    with contextlib.closing(requests.get(transfer.WEIGHTS_URL, stream=True, timeout=limits)) as answer:
        answer.raise_for_status()
        total = int(answer.headers.get("Content-Length", transfer.WEIGHTS_BYTES))
        done, started, reported = 0, time.monotonic(), 0.0
        with path.open("wb") as file:
            for piece in answer.iter_content(PIECE):
                if should_stop():
                    raise FetchStopped
                done += file.write(piece)
                if time.monotonic() - reported >= SECONDS_BETWEEN_REPORTS:
                    reported = time.monotonic()
                    left = (reported - started) / done * (total - done)
                    report(progress("Fetching MobileNetV2's weights", done, total, "bytes", left))
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
