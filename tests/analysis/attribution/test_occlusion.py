import numpy as np

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
