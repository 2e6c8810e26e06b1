"""Which images are shown first."""

import numpy as np

from cnn.analysis.evaluation.clear_images import clear_images, first_of_each_class


def test_the_surest_right_image_of_every_class_comes_first_then_a_hard_one_and_a_mistake() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2])
    sure = np.array([0.7, 0.9, 0.8, 0.6, 0.5, 0.99])
    said = np.array([0, 0, 1, 1, 0, 1])  # class 2 is never recognised
    probabilities = np.full((6, 3), 0.0)
    probabilities[np.arange(6), said] = sure
    probabilities[np.arange(6), (said + 1) % 3] = 1 - sure
    probabilities[4] = [0.5, 0.2, 0.3]
    assert clear_images(probabilities, labels, 3) == [1, 2, 0, 3, 4]
    assert clear_images(probabilities, labels, 1) == [1, 3, 4]


def test_an_image_stands_once_where_there_are_few() -> None:
    assert clear_images(np.array([[0.9, 0.1]]), np.array([0]), 6) == [0]
    assert clear_images(np.array([[0.9, 0.1]]), np.array([1]), 6) == [0]
    assert clear_images(np.zeros((0, 2)), np.zeros(0, int), 6) == []


def test_without_answers_every_class_has_its_turn() -> None:
    assert first_of_each_class(np.array([1, 1, 0, 1, 0, 2]), 5) == [2, 0, 5, 4, 1]
