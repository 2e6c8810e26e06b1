from pathlib import Path

import pytest

from cnn.data import catalog


@pytest.fixture(scope="session")
def laid_out_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ``CNN_HOME`` in which ``digits`` is prepared."""
    home = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(home))
        catalog.prepare("digits", lambda event: None, lambda: False)
    return home


@pytest.fixture
def digits(cnn_home: Path, laid_out_digits: Path) -> Path:
    """This test's own ``CNN_HOME``, with ``digits`` prepared."""
    (cnn_home / "data").symlink_to(laid_out_digits / "data")
    return cnn_home
