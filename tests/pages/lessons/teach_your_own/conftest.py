"""Every test of Teach your own has the built-in base."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def without_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The built-in base, which every machine has."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
