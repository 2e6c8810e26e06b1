"""What *Dense or convolutional?* says was measured is what its networks still do."""

import json

import numpy as np
import pytest

from cnn.analysis.evaluation.shifts import (
    correct_by_position,
    count_correct,
    draw_at_positions,
    mirror_images,
    shift_images,
)
from cnn.data import catalog
from cnn.data.builtin.shape_drawing import NAMES
from cnn.model import store
from cnn.model.predict import predictor
from cnn.pretrained import comparison_results

PLACES = [0, 8, 32]  # at the edge, where it was practised, on the other side


@pytest.fixture(scope="module")
def networks():
    return {
        (dataset, name): predictor(store.load_file(store.card_in(comparison_results.folder(dataset, name))))
        for dataset in ("shapes-left-right", "cifar10")
        for name in comparison_results.NETWORKS
    }


def test_the_networks_are_small_of_one_recipe_and_of_about_as_many_parameters():
    for dataset in ("shapes-left-right", "cifar10"):
        parameters = []
        for name in comparison_results.NETWORKS:
            folder = comparison_results.folder(dataset, name)
            assert (folder / "model.keras").stat().st_size < 800_000
            card = json.loads((folder / "card.json").read_text())
            asked = comparison_results.config(dataset, name).to_dict()
            assert card["config"] == asked
            assert card["command"] == "python -m cnn.pretrained.train_comparison"
            parameters.append(card["parameters"])
        assert max(parameters) / min(parameters) < 1.05


@pytest.fixture(scope="module")
def objects():
    """All objects that were counted, at three of their places."""
    drawn = [
        draw_at_positions(label, seed)
        for label in range(len(NAMES))
        for seed in range(comparison_results.OBJECTS_A_CLASS)
    ]
    return [each._replace(images=each.images[PLACES]) for each in drawn]


@pytest.mark.parametrize("name", comparison_results.NETWORKS)
def test_right_answers_by_place_are_those_that_were_counted(networks, name, objects):
    found = comparison_results.measured()["left_right"]
    counted = correct_by_position(networks["shapes-left-right", name], objects)
    assert np.abs(np.subtract(counted, np.array(found["networks"][name]["by_place"])[PLACES])).max() <= 1


@pytest.fixture(scope="module")
def photos(laid_out):
    """CIFAR-10's test images and labels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(laid_out("cifar10")))
        test = catalog.load("cifar10", "test")
        return test.take(np.arange(len(test))), test.labels


@pytest.mark.parametrize("name", comparison_results.NETWORKS)
def test_right_answers_on_moved_photos_are_those_that_were_counted(networks, name, photos):
    (images, labels), found = photos, comparison_results.measured()["cifar10"]
    each, predict = found["networks"][name], networks["cifar10", name]
    # Another processor rounds otherwise: a few of 10,000 may differ.
    for counted, written in (
        (count_correct(predict, images, labels), each["test"]["correct"]),
        (count_correct(predict, shift_images(images, 8), labels), each["by_shift"][found["shifts"].index(8)]),
        (count_correct(predict, mirror_images(images), labels), each["mirrored"]),
    ):
        assert abs(counted - written) <= 10
