import keras
import numpy as np
import pytest
from scipy.ndimage import sobel

from cnn.analysis.attribution.gradients import attribution
from cnn.analysis.attribution.sanity_check import cascading_randomisation, randomise_layers, rank_correlation
from cnn.data.builtin.sample_photos import load_photo
from cnn.data.images import fit_to
from cnn.model import store


def test_layers_are_randomised_from_the_top_down():
    model = clone(learned := store.load("shapes-tutorial"))
    layers = ["logits", "dense_1", "conv_3", "conv_2", "conv_1"]
    for index, randomised in enumerate(randomise_layers(model)):
        assert randomised == layers[index]
        for depth, name in enumerate(layers):
            new, old = model.get_layer(name).get_weights(), learned.get_layer(name).get_weights()
            same = [np.array_equal(a, b) for a, b in zip(new, old, strict=True)]
            assert all(same) == (depth > index), (index, name)
    assert index == len(layers) - 1


def clone(model: keras.Model) -> keras.Model:
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


@pytest.mark.parametrize("method", ["grad-cam", "gradient"])
def test_the_sanity_check_behaves_as_published(method):
    """Grad-CAM and gradients change once all layers are random; an edge detector, which uses no network, does not."""
    model, image = store.load("cifar10-resnet"), fit_to(load_photo("flower"), (32, 32, 3))

    def build_attribution(copy):
        attribute = attribution(copy, method)
        return lambda: attribute(image[None], 3)[0]

    *_, (_, heat, correlation) = cascading_randomisation(model, build_attribution)
    random = clone(model)
    list(randomise_layers(random))
    # Compiled once, it still uses the current weights.
    np.testing.assert_allclose(heat, attribution(random, method)(image[None], 3)[0], rtol=1e-4, atol=1e-6)
    assert abs(correlation) < 0.35
    grey = image.mean(axis=2)
    edges = np.hypot(sobel(grey, 0), sobel(grey, 1))
    small = store.load("shapes-tutorial")
    unchanged = cascading_randomisation(small, lambda copy: lambda: edges)
    assert [correlation for _, _, correlation in unchanged] == pytest.approx([1] * 5)
    # Even with random weights, the gradients of a small network keep much of the image's structure.
    *_, (_, _, correlation) = cascading_randomisation(small, build_attribution)
    assert abs(correlation) < 0.9


def test_rank_correlation_by_hand():
    first = np.array([[1.0, 2.0], [3.0, 100.0]])
    # Ranks 1 2 3 4 against 1 2 4 3: 1 - 6 * (1 + 1) / (4 * (16 - 1)).
    assert rank_correlation(first, np.array([[1.0, 2.0], [4.0, 3.0]])) == pytest.approx(0.8)
    assert rank_correlation(first, -first) == pytest.approx(-1)
    assert rank_correlation(first, np.zeros((2, 2))) == 0
