"""Run pages as the server does, but from no address: without Streamlit clearing the Keras session after every rerun."""

from collections.abc import Iterator

import keras
import pytest

from cnn.jobs import job_limits
from pages.server.startup import keep_session


@pytest.fixture(autouse=True, scope="package")
def keras_session() -> Iterator[None]:
    """Keep the session: clearing it collects garbage across all of TensorFlow, 0.2 s each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.backend, "clear_session", keras.backend.clear_session)
        keep_session()
        yield


@pytest.fixture(autouse=True)
def no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest has a mock in the place of an address, and whoever imports ``app`` has jobs counted by it."""
    monkeypatch.setattr(job_limits, "_find_address", lambda: None)
