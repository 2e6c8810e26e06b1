import numpy as np
import pytest

from cnn.analysis.attribution.occlusion import occlusion
from cnn.data.builtin.sample_photos import load_photo
from cnn.data.images import fit_to
from cnn.model import store
from cnn.model.predict import predictor


def test_every_hidden_square_is_predicted_as_if_alone():
    model = store.load("cifar10-tutorial")
    predict = predictor(model)
    image = fit_to(load_photo("flower"), (32, 32, 3))
    result = occlusion(predict, image, 9, 3)
    assert result.probabilities.shape == (len(result.tops), len(result.lefts), 10)
    assert result.tops[0] == -4
    for row, column in ((0, 0), (3, 7), (len(result.tops) - 1, 2)):
        hidden = image.copy()
        top, left = result.tops[row], result.lefts[column]
        hidden[max(0, top) : top + 9, max(0, left) : left + 9] = 128
        np.testing.assert_allclose(result.probabilities[row, column], predict(hidden[None])[0], atol=1e-5)
    np.testing.assert_allclose(result.drop(4), predict(image[None])[0, 4] - result.probabilities[..., 4], atol=1e-6)


@pytest.mark.parametrize("size", [8, 9])
def test_a_cell_stands_in_the_middle_of_the_square_that_it_hid(size):
    grey = np.full((1, 2), 0.5, np.float32)
    result = occlusion(lambda images: grey.repeat(len(images), axis=0), np.zeros((32, 48, 3), np.uint8), size, 3)
    for borders, starts, side in zip(result.borders(32, 48), (result.tops, result.lefts), (32, 48), strict=True):
        middles = (borders[:-1] + borders[1:]) / 2 * side
        np.testing.assert_allclose(middles, starts + size / 2)
        np.testing.assert_allclose(np.diff(borders) * side, 3)
