"""What the running server holds for all visitors: the training engine and a warm TensorFlow.

Both come up in threads of their own, so that neither stands before the first page. ``app.py`` starts and closes them;
pages, which run in the same process, only ask.
"""

import gc
import logging
import threading
from typing import TYPE_CHECKING

from cnn.errors import CnnError

if TYPE_CHECKING:
    from cnn.jobs.engine import Engine

log = logging.getLogger(__name__)

FIRST_DATASETS = ("digits", "shapes")  # what a lesson begins with
# Engine and TensorFlow take both cores for some seconds. They wait until somebody has seen a page, and then for that
# page's pictures; a server that nobody visits warms up all the same.
SECONDS_WITHOUT_VISITOR = 15.0
SECONDS_AFTER_FIRST_PAGE = 2.0

# Dask's parts and TensorFlow change how Python imports while they are imported: side by side, one missed a module once.
_importing = threading.Lock()
_first_page = threading.Event()
_closing = threading.Event()
_tensorflow = threading.Event()
_starting: threading.Thread | None = None
_engine: "Engine | None" = None
_problem: str | None = None


def start() -> None:
    """Bring engine and TensorFlow up in the background; returns at once."""
    global _starting
    _closing.clear()
    _starting = threading.Thread(target=_start_engine, name="start-engine", daemon=True)
    _starting.start()
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()


def close() -> None:
    """End the engine and its workers, also when it is still starting."""
    global _engine
    _closing.set()
    _first_page.set()
    if _starting is not None:
        _starting.join()
    running, _engine = _engine, None
    if running is not None:
        running.close()


def first_page_shown() -> None:
    """Told by the navigation when a page has run to its end."""
    _first_page.set()


def ready() -> dict[str, bool]:
    """Whether jobs would run now, and whether TensorFlow answers at once, as ``engine`` and ``tensorflow``."""
    return {"engine": _engine is not None and _engine.ready(), "tensorflow": _tensorflow.is_set()}


def is_about_to_make(name: str) -> bool:
    """Whether this server, which has just started, will have the data set ``name`` made as soon as it can."""
    return name in FIRST_DATASETS and _starting is not None and _starting.is_alive()


def problem() -> str | None:
    """Why training is not available, in a sentence; None when it is, or soon will be."""
    return _problem or (_engine.problem if _engine is not None else None)


def _start_engine() -> None:
    global _engine, _problem
    if not _is_time_to_warm_up():
        return
    try:
        with _importing:
            from cnn.jobs.engine import Engine

        _engine = Engine.start()
        _problem = None
        _make_what_is_built_in()
    except CnnError as error:
        _problem = str(error)
        log.error("%s", error)
    except Exception:
        _problem = "The training engine could not be started; the server's log says why."
        log.exception("The training engine could not be started. Pages work, training does not.")


def _make_what_is_built_in() -> None:
    """Clear what killed preparations left, and queue the data sets a lesson begins with."""
    from cnn.data import catalog
    from cnn.data.download import leftovers
    from cnn.data.own import own_datasets
    from cnn.home import home
    from cnn.requests import datasets as dataset_requests

    for folder in {catalog.tfds_folder(), home() / "tfds", home() / "data"}:
        if folder.is_dir():
            leftovers.sweep(folder)
    own_datasets.sweep()
    for name in FIRST_DATASETS:
        if not catalog.is_prepared(name):
            dataset_requests.request(name, "built-in")


def _is_time_to_warm_up() -> bool:
    """Wait for it; False when the server is closing."""
    _first_page.wait(SECONDS_WITHOUT_VISITOR)
    return not _closing.wait(SECONDS_AFTER_FIRST_PAGE)


def _warm_up() -> None:
    if not _is_time_to_warm_up():
        return
    try:
        with _importing:
            import keras

        keep_session()
        keras.ops.convert_to_numpy(keras.ops.ones(1))
        gc.freeze()  # what TensorFlow made at import stays; collecting across it takes 0.3 s
        _tensorflow.set()
    except Exception:
        log.exception("TensorFlow could not be loaded; pages that need a network will fail.")


def keep_session() -> None:
    """Keep Streamlit from clearing Keras' session after every rerun of every page.

    Clearing collects garbage across all of TensorFlow, which held up everybody for half a second, and it pulls the
    state away from under the other visitors' threads. Nothing here needs it: no page trains or leaves graphs behind.
    """
    import keras

    # Streamlit calls this very attribute; ``keras.utils.clear_session`` stays what it is.
    keras.backend.clear_session = lambda: None
