import numpy as np
import pytest

from cnn.analysis import studies
from cnn.analysis.activations.activation_maximisation import STEPS, maximise_activation
from cnn.analysis.activations.feature_maps import feature_maps, map_layers
from cnn.data import catalog
from cnn.errors import ModelError
from cnn.model import store
from cnn.model.architectures import Architecture, Convolution, Dense, Flatten, Pooling
from cnn.model.build import build
from cnn.model.predict import predictor
from cnn.progress import Stopped


@pytest.fixture(scope="module")
def tutorial():
    return store.load("digits-tutorial")


def response(maps: np.ndarray) -> np.ndarray:
    return np.maximum(maps, 0).mean(axis=(1, 2))


def test_the_response_exceeds_that_to_every_test_image_unless_the_filter_is_dead(digits, tutorial):
    test = catalog.load("digits", "test")
    maps = feature_maps(tutorial, test.take(np.arange(len(test))))
    for layer in ("conv_1", "conv_2", "conv_3"):
        highest = response(maps[layer]).max(axis=0)
        for filter_index in np.argsort(-highest)[:3].tolist():
            maximised = maximise_activation(tutorial, layer, filter_index)
            assert maximised.end > 1.2 * highest[filter_index], (layer, filter_index)
            assert maximised.end > 1.5 * max(maximised.start, maximised.random), (layer, filter_index)
    dead = int(response(maps["conv_3"]).max(axis=0).argmin())
    assert response(maps["conv_3"]).max(axis=0)[dead] == 0
    assert maximise_activation(tutorial, "conv_3", dead).end == 0


@pytest.mark.parametrize("layer", ["conv_1", "conv_5", "conv_9"])
def test_a_residual_network_responds_far_more_than_to_noise(layer):
    model = store.load("cifar10-resnet")
    maximised = maximise_activation(model, layer, 1)
    assert maximised.image.shape == (32, 32, 3)
    assert maximised.image.dtype == np.uint8
    assert maximised.end > 3 * max(maximised.start, maximised.random)
    assert maximised.end == pytest.approx(response(feature_maps(model, maximised.image[None])[layer])[0, 1], rel=1e-4)


def test_a_filter_without_any_response_to_noise_is_still_optimised():
    maximised = maximise_activation(store.load("cifar10-tutorial"), "conv_3", 17)
    assert maximised.start == maximised.random == 0
    assert maximised.end > 1


def test_an_image_optimised_for_a_class_is_predicted_as_that_class():
    model = store.load("cifar10-tutorial")
    assert predictor(model)(maximise_activation(model, "logits", 3).image[None])[0, 3] > 0.99


def test_the_network_is_not_modified(tutorial):
    before = [weight.copy() for weight in tutorial.get_weights()]
    activation = tutorial.get_layer("conv_2").activation
    maximise_activation(tutorial, "conv_2", 0, steps=3)
    assert tutorial.get_layer("conv_2").activation is activation
    assert all(np.array_equal(old, new) for old, new in zip(before, tutorial.get_weights(), strict=True))


def test_the_same_seed_gives_the_same_image_and_another_seed_another(tutorial):
    first, again, other = (maximise_activation(tutorial, "conv_3", 0, steps=40, seed=seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.image, again.image)
    assert first[1:] == again[1:]
    assert (first.image != other.image).any()


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_any_architecture_in_either_precision(dtype):
    layers = (
        Convolution(6, activation="gelu", padding="same"),
        Pooling("average", 2),
        Convolution(5, strides=2, batch_norm=True),
        Flatten(),
        Dense(7, "relu", True),
    )
    model = build(Architecture("own", layers), (17, 23, 1), 2, dtype=dtype)
    for layer in [*map_layers(model), "activation_1", "dense_1", "logits"]:
        maximised = maximise_activation(model, layer, 1)
        assert maximised.image.shape == (17, 23, 1)
        assert maximised.end > max(maximised.start, maximised.random), layer


def test_it_stops_when_it_should(tutorial):
    events: list[dict] = []
    with pytest.raises(Stopped):
        maximise_activation(tutorial, "conv_1", 0, events.append, lambda: len(events) > 0)
    assert [event["done"] for event in events] == [1]


@pytest.mark.parametrize(
    ("layer", "filter_index", "message"),
    [
        ("conv_9", 0, "no layer called “conv_9”; it has image, rescaling, conv_1"),
        ("conv_1", 32, "conv_1 has 32 filters, numbered from 0; there is no filter 32"),
        ("conv_1", -1, "there is no filter -1"),
        ("image", 0, "choose a layer after it"),
    ],
)
def test_an_unknown_layer_or_filter_is_refused(tutorial, layer, filter_index, message):
    with pytest.raises(ModelError, match=message):
        maximise_activation(tutorial, layer, filter_index)


def test_the_result_of_the_study_is_stored(cnn_home, tmp_path):
    card, settings, events = store.card("digits-tutorial"), {"layer": "conv_2", "number": 1}, []
    job_settings = {"model": card.id, "study": "strongest image", "settings": settings}
    assert studies.result(card, "strongest image", settings) is None
    with pytest.raises(Stopped):
        studies.run_job(tmp_path, job_settings, events.append, lambda: True)
    assert studies.result(card, "strongest image", settings) is None
    studies.run_job(tmp_path, job_settings, events.append, lambda: False)
    result = studies.result(card, "strongest image", settings)
    assert result is not None
    maximised = maximise_activation(store.load(card.id), "conv_2", 1)
    np.testing.assert_array_equal(result["image"], maximised.image)
    assert (float(result["start"]), float(result["end"]), float(result["random"])) == maximised[1:]
    assert [event["done"] for event in events][-1] == STEPS == events[0]["total"]
    assert all(event["type"] == "progress" for event in events)
