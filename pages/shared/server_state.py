"""What the running server holds for all visitors: the training engine and a warm TensorFlow.

Both come up in threads of their own, so that neither stands before the first page. ``app.py`` starts and closes them;
pages, which run in the same process, only ask.
"""

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnn.training.engine import Engine

_log = logging.getLogger(__name__)

# Importing TensorFlow takes three to six seconds of one core. It waits until somebody has seen a page, and then for the
# pictures of that page; a server nobody visits warms up all the same.
NOBODY_CAME = 15.0
AFTER_FIRST_PAGE = 2.0

_first_page = threading.Event()
_closing = threading.Event()
_tensorflow = threading.Event()
_threads: list[threading.Thread] = []
_engine: "Engine | None" = None
_engine_failed = False


def start() -> None:
    """Bring engine and TensorFlow up in the background. Returns at once."""
    _closing.clear()
    for work in (_start_engine, _warm_up):
        thread = threading.Thread(target=work, name=work.__name__.strip("_"), daemon=True)
        _threads.append(thread)
        thread.start()


def close() -> None:
    """Stop what ``start`` began; waits for an engine that is still starting, so that no worker is left behind."""
    global _engine
    _closing.set()
    _first_page.set()
    if _threads:
        _threads[0].join(timeout=30)
    _threads.clear()
    running, _engine = _engine, None
    if running is not None:
        running.close()


def first_page_shown() -> None:
    """Told by the navigation when a page has run to its end."""
    _first_page.set()


def engine() -> "Engine | None":
    """The training engine, or None while it starts and where it could not be started."""
    return _engine


def engine_failed() -> bool:
    """Whether the engine could not be started: pages then say that training is not available."""
    return _engine_failed


def ready() -> dict[str, bool]:
    """Whether the engine accepts jobs, and whether TensorFlow answers at once, as ``engine`` and ``tensorflow``."""
    return {"engine": _engine is not None and _engine.ready(), "tensorflow": _tensorflow.is_set()}


def _start_engine() -> None:
    global _engine, _engine_failed
    try:
        from cnn.training import engine as training_engine

        _engine = training_engine.start()
        _engine_failed = False
    except Exception:
        _engine_failed = True
        _log.exception("The training engine could not be started. Pages work, training does not.")


def _warm_up() -> None:
    _first_page.wait(NOBODY_CAME)
    if _closing.wait(AFTER_FIRST_PAGE):
        return
    try:
        import keras
        import numpy as np

        keras.ops.convert_to_numpy(keras.ops.matmul(np.ones((1, 1), "float32"), np.ones((1, 1), "float32")))
        _tensorflow.set()
    except Exception:
        _log.exception("TensorFlow could not be loaded. Pages that need a network will say so.")
