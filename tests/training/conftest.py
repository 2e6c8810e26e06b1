"""Fixtures shared by the tests of transfer learning."""

import pytest

from cnn.training.transfer_features import extract_features
from tests.prepared_data import link_data


@pytest.fixture(scope="session")
def digits_features(laid_out_digits, tmp_path_factory):
    """The folder of stored features and the built-in base's features of ``digits``, extracted once."""
    home = tmp_path_factory.mktemp("features")
    link_data(home, laid_out_digits, "digits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(home))
        features = extract_features("digits", "built-in", lambda event: None, lambda: False)
    return home / "features", features
