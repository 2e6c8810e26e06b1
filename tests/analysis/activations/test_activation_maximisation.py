import numpy as np
import pytest

from cnn.analysis import studies
from cnn.analysis.activations.feature_maps import feature_maps, map_layers
from cnn.analysis.activations.maximisation import STEPS, maximise
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


def test_a_filter_answers_more_than_to_every_test_image_unless_it_is_dead(digits, tutorial):
    test = catalog.load("digits", "test")
    seen = feature_maps(tutorial, test.take(np.arange(len(test))))
    for layer in ("conv_1", "conv_2", "conv_3"):
        strongest = response(seen[layer]).max(axis=0)
        for number in np.argsort(-strongest)[:3].tolist():
            made = maximise(tutorial, layer, number)
            assert made.end > 1.2 * strongest[number], (layer, number)
            assert made.end > 1.5 * max(made.start, made.random), (layer, number)
    silent = int(response(seen["conv_3"]).max(axis=0).argmin())
    assert response(seen["conv_3"]).max(axis=0)[silent] == 0
    assert maximise(tutorial, "conv_3", silent).end == 0


@pytest.mark.parametrize("layer", ["conv_1", "conv_5", "conv_9"])
def test_a_residual_network_answers_far_more_than_to_noise(layer):
    model = store.load("cifar10-resnet")
    made = maximise(model, layer, 1)
    assert made.image.shape == (32, 32, 3)
    assert made.image.dtype == np.uint8
    assert made.end > 3 * max(made.start, made.random)
    assert made.end == pytest.approx(response(feature_maps(model, made.image[None])[layer])[0, 1], rel=1e-4)


def test_a_filter_that_answers_to_no_noise_is_woken():
    made = maximise(store.load("cifar10-tutorial"), "conv_3", 17)
    assert made.start == made.random == 0
    assert made.end > 1


def test_an_image_made_for_a_class_is_taken_for_that_class():
    model = store.load("cifar10-tutorial")
    assert predictor(model)(maximise(model, "logits", 3).image[None])[0, 3] > 0.99


def test_the_network_stays_as_it_was(tutorial):
    before = [weight.copy() for weight in tutorial.get_weights()]
    activation = tutorial.get_layer("conv_2").activation
    maximise(tutorial, "conv_2", 0, steps=3)
    assert tutorial.get_layer("conv_2").activation is activation
    assert all(np.array_equal(one, other) for one, other in zip(before, tutorial.get_weights(), strict=True))


def test_the_same_seed_gives_the_same_image_and_another_seed_another(tutorial):
    first, again, other = (maximise(tutorial, "conv_3", 0, steps=40, seed=seed) for seed in (5, 5, 6))
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
        made = maximise(model, layer, 1)
        assert made.image.shape == (17, 23, 1)
        assert made.end > max(made.start, made.random), layer


def test_it_stops_when_it_should(tutorial):
    events: list[dict] = []
    with pytest.raises(Stopped):
        maximise(tutorial, "conv_1", 0, events.append, lambda: len(events) > 0)
    assert [event["done"] for event in events] == [1]


@pytest.mark.parametrize(
    ("layer", "number", "said"),
    [
        ("conv_9", 0, "no layer called “conv_9”; it has image, rescaling, conv_1"),
        ("conv_1", 32, "conv_1 has 32 filters, numbered from 0; there is no filter 32"),
        ("conv_1", -1, "there is no filter -1"),
        ("image", 0, "choose a layer after it"),
    ],
)
def test_what_is_not_there_is_said(tutorial, layer, number, said):
    with pytest.raises(ModelError, match=said):
        maximise(tutorial, layer, number)


def test_the_study_is_kept_and_found(cnn_home, tmp_path):
    card, settings, events = store.card("digits-tutorial"), {"layer": "conv_2", "number": 1}, []
    asked = {"model": card.id, "study": "strongest image", "settings": settings}
    assert studies.result(card, "strongest image", settings) is None
    with pytest.raises(Stopped):
        studies.run_job(tmp_path, asked, events.append, lambda: True)
    assert studies.result(card, "strongest image", settings) is None
    studies.run_job(tmp_path, asked, events.append, lambda: False)
    found = studies.result(card, "strongest image", settings)
    assert found is not None
    made = maximise(store.load(card.id), "conv_2", 1)
    np.testing.assert_array_equal(found["image"], made.image)
    assert (float(found["start"]), float(found["end"]), float(found["random"])) == made[1:]
    assert [event["done"] for event in events][-1] == STEPS == events[0]["total"]
    assert all(event["type"] == "progress" for event in events)
