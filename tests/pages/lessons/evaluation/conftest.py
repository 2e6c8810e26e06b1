"""The predictions that the Evaluation page evaluates."""

import numpy as np
import pytest

from cnn.data import catalog
from cnn.model import store
from tests.pages.lessons.evaluation.saved_models import save_model


@pytest.fixture
def predictions(digits) -> tuple[np.ndarray, np.ndarray]:
    """The probabilities that digits-tutorial gave for the test images, and their labels."""
    file = store.card("digits-tutorial").folder / "test_probabilities.npy"
    return np.load(file).astype(np.float32), catalog.load("digits", "test").labels


@pytest.fixture
def held_out_predictions(digits) -> tuple[np.ndarray, np.ndarray]:
    """The probabilities that digits-tutorial gave for the validation images, and their labels."""
    file = store.card("digits-tutorial").folder / "validation_probabilities.npy"
    return np.load(file).astype(np.float32), catalog.load("digits", "validation").labels


@pytest.fixture
def model_with_label_errors(predictions) -> tuple[str, np.ndarray]:
    """A model that confidently contradicts the labels of the first three test images, and its probabilities."""
    probabilities = predictions[0].copy()
    probabilities[:3] = np.eye(10)[(predictions[1][:3] + 1) % 10]
    return save_model("doubting-model", "somebody", probabilities), probabilities
