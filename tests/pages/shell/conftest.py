"""The whole app with two pretrained models."""

import pytest
from streamlit.testing.v1 import AppTest

from cnn.model import store
from tests.pages.opening import NAVIGATION
from tests.pages.shell.stored_models import create_model


@pytest.fixture
def page(monkeypatch, tmp_path):
    """An AppTest of the whole app, not yet run, with two pretrained models: of digits and of shapes."""
    for dataset in ("digits", "shapes"):
        create_model(tmp_path / f"{dataset}-tutorial", dataset)
    monkeypatch.setattr(store, "PRETRAINED", tmp_path)
    return AppTest.from_file(NAVIGATION, default_timeout=60)
