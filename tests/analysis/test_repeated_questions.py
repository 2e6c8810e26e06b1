"""A network that is asked again and again stays as it was, and one that changes is found out."""

import numpy as np

from cnn.analysis.repeated_questions import ask_again
from cnn.model import store
from cnn.model.predict import predictor


def test_asking_changes_neither_weights_nor_answer() -> None:
    model = store.load("digits-tutorial")
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 1), np.uint8)
    repetition = ask_again(model, predictor(model), image, 5)
    assert (repetition.weights, repetition.changed) == (model.count_params(), 0)
    np.testing.assert_array_equal(repetition.first, repetition.last)


def test_a_network_that_learns_meanwhile_is_found_out() -> None:
    model = store.load("digits-tutorial")
    predict, layer = predictor(model), model.get_layer("logits")

    def learning(images: np.ndarray) -> np.ndarray:
        layer.bias.assign_add(np.eye(10, dtype=np.float32)[3])
        return predict(images)

    repetition = ask_again(model, learning, np.zeros((32, 32, 1), np.uint8), 3)
    assert repetition.changed == 1
    assert repetition.last[3] > repetition.first[3]
