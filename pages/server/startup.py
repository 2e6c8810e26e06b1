"""Startup of what all visitors share: the training engine, a warm TensorFlow, and lessons that were opened once.

Each starts in its own thread, so that none delays the first page. ``app.py`` starts and closes them; pages, which run
in the same process, only query their state.
"""

import asyncio
import gc
import logging
import os
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnn.errors import CnnError, JobError

if TYPE_CHECKING:
    from cnn.jobs.engine import Engine

log = logging.getLogger(__name__)

FIRST_DATASETS = ("digits", "shapes")  # used by the first lessons
# Engine and TensorFlow occupy both cores for some seconds. They wait until a first page has been shown, and then for
# its images to load; a server without visitors warms up too.
SECONDS_WITHOUT_VISITOR = 15.0
SECONDS_AFTER_FIRST_PAGE = 2.0
SECONDS_FOR_FIRST_DATASETS = 300.0  # on two idle cores they take ten; lessons are opened without them after that
OPEN_LESSONS = "CNN_OPEN_LESSONS"  # "no" where a server is not for a class, such as those of the tests


class Startup:
    """The engine and TensorFlow of a server, from ``start`` to ``close``."""

    def __init__(self) -> None:
        # Dask and TensorFlow both modify Python's import system while being imported; in parallel, one of them once
        # failed to find a module.
        self._importing = threading.Lock()
        self._first_page = threading.Event()
        self._closing = threading.Event()
        self._tensorflow = threading.Event()
        self._lessons = threading.Event()
        self._starting: threading.Thread | None = None
        self._engine: Engine | None = None
        self._problem: str | None = None

    def start(self, loop: asyncio.AbstractEventLoop | None = None, pages: Sequence[str] = ()) -> None:
        """Start the engine and TensorFlow in the background, and then open pages once; returns at once.

        Args:
            loop: the server's event loop; without one no page is opened.
            pages: their names, as in the address.
        """
        self._closing.clear()
        self._starting = threading.Thread(target=self._start_engine, name="start-engine", daemon=True)
        self._starting.start()
        threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()
        if loop is None or os.environ.get(OPEN_LESSONS) == "no":
            self._lessons.set()
        else:
            threading.Thread(target=self._open_lessons, args=(loop, pages), name="open-lessons", daemon=True).start()

    def close(self) -> None:
        """Stop the engine and its workers, even while it is still starting."""
        self._closing.set()
        self._first_page.set()
        if self._starting is not None:
            self._starting.join()
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def first_page_shown(self) -> None:
        """Called by the navigation when a page has finished running."""
        self._first_page.set()

    def ready(self) -> dict[str, bool]:
        """Whether jobs can run (``engine``), TensorFlow is loaded (``tensorflow``) and lessons were opened."""
        return {
            "engine": self._engine is not None and self._engine.ready(),
            "tensorflow": self._tensorflow.is_set(),
            "lessons": self._lessons.is_set(),
        }

    def is_about_to_prepare(self, name: str) -> bool:
        """Whether this server, which has just started, will soon queue the preparation of the data set ``name``."""
        return name in FIRST_DATASETS and self._starting is not None and self._starting.is_alive()

    def problem(self) -> str | None:
        """Why training is unavailable, in a sentence; None when it is available or soon will be."""
        return self._problem or (self._engine.problem if self._engine is not None else None)

    def _start_engine(self) -> None:
        if not self._wait_to_warm_up():
            return
        try:
            with self._importing:
                from cnn.jobs.engine import Engine

            self._engine = Engine.start()
            self._problem = None
            _prepare_first_datasets()
        except CnnError as error:
            self._problem = str(error)
            log.error("%s", error)
        except Exception:
            self._problem = "The training engine could not be started; the server's log says why."
            log.exception("The training engine could not be started. Pages work, training does not.")

    def _wait_to_warm_up(self) -> bool:
        """Wait until it is time to warm up; False if the server is closing."""
        self._first_page.wait(SECONDS_WITHOUT_VISITOR)
        return not self._closing.wait(SECONDS_AFTER_FIRST_PAGE)

    def _warm_up(self) -> None:
        if not self._wait_to_warm_up():
            return
        try:
            with self._importing:
                import keras

            keep_session()
            keras.ops.convert_to_numpy(keras.ops.ones(1))
            gc.freeze()  # TensorFlow's objects stay for good; collecting across them takes 0.3 s
            self._tensorflow.set()
        except Exception:
            log.exception("TensorFlow could not be loaded; pages that need a network will fail.")

    def _open_lessons(self, loop: asyncio.AbstractEventLoop, pages: Sequence[str]) -> None:
        """Open every lesson once, when what the server prepares by itself is there."""
        from pages.server.first_visit import open_pages

        try:
            deadline = time.monotonic() + SECONDS_FOR_FIRST_DATASETS
            while not self._has_prepared() and time.monotonic() < deadline:
                if self._closing.wait(0.25):
                    return
            open_pages(loop, pages, self._closing)
        except Exception:
            log.exception("The lessons could not be opened; the first visitor of each waits a little longer.")
        finally:
            self._lessons.set()

    def _has_prepared(self) -> bool:
        """Whether TensorFlow is loaded, and the data sets of the first lessons are prepared or will not be."""
        from cnn.data import catalog

        if self._starting is None or self._starting.is_alive() or not self._tensorflow.is_set():
            return False
        return self.problem() is not None or all(map(catalog.is_prepared, FIRST_DATASETS))


startup = Startup()
"""The one of this process."""


def keep_session() -> None:
    """Keep Streamlit from clearing the Keras session after every rerun.

    Clearing collects garbage across all of TensorFlow, which blocked every visitor for half a second, and it removes
    state that other visitors' threads are using. It is not needed here: no page trains or leaves graphs behind.
    """
    import keras

    # Streamlit calls exactly this attribute; ``keras.utils.clear_session`` is left alone.
    keras.backend.clear_session = lambda: None


def _prepare_first_datasets() -> None:
    """Remove what interrupted preparations left behind, and queue the data sets of the first lessons."""
    from cnn.data import catalog
    from cnn.data.download import leftovers
    from cnn.data.own import own_datasets
    from cnn.home import home
    from cnn.requests import datasets as dataset_requests

    for folder in {catalog.tfds_folder(), home() / "tfds", home() / "data"}:
        if folder.is_dir():
            leftovers.remove_abandoned(folder)
    own_datasets.delete_stale_uploads()
    for name in FIRST_DATASETS:
        if not catalog.is_prepared(name):
            try:
                dataset_requests.prepare(name, "built-in")
            except JobError as error:  # training can go on with what is there
                log.warning("%s was not prepared: %s", name, error)
