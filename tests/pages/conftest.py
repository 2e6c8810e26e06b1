"""Run pages as the server does: without Streamlit clearing the Keras session after every rerun."""

from collections.abc import Iterator

import keras
import pytest

from pages.server.startup import keep_session


@pytest.fixture(autouse=True, scope="package")
def keras_session() -> Iterator[None]:
    """Keep the session: clearing it collects garbage across all of TensorFlow, 0.2 s each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.backend, "clear_session", keras.backend.clear_session)
        keep_session()
        yield
