"""The embedding of test images: PCA against NumPy's SVD, and neighbours of the same class."""

import numpy as np
import pytest

from cnn.analysis import studies
from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.evaluation.embedding import feature_layer, nearest_points, points_within, same_class_neighbours
from cnn.data import catalog
from cnn.errors import ModelError
from cnn.model import store
from cnn.progress import Stopped

JOB_SETTINGS = {"model": "digits-tutorial", "study": "map", "settings": {}}


@pytest.mark.parametrize("card", store.cards(), ids=lambda card: card.id)
def test_features_are_the_input_of_the_last_dense_layer(card: store.Card) -> None:
    model = store.load(card.id)
    layer = model.get_layer(feature_layer(model))
    logits = next(other for other in reversed(model.layers) if type(other).__name__ == "Dense")
    assert layer.output.shape[1:] == (logits.kernel.shape[0],)
    image = np.random.default_rng(0).integers(0, 256, (1, *card.input_shape), np.uint8)
    outputs = layer_outputs(model)(image)
    by_hand = outputs[layer.name][0] @ np.asarray(logits.kernel) + np.asarray(logits.bias)
    np.testing.assert_allclose(by_hand, outputs[logits.name][0], rtol=0.02, atol=0.05)


def test_a_network_without_a_dense_layer_is_refused() -> None:
    import keras

    inputs = keras.Input((8, 8, 1), dtype="uint8")
    network = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(3, 3)(inputs)))
    with pytest.raises(ModelError, match="no dense layer at its end"):
        feature_layer(network)


def test_the_study_matches_an_svd_and_keeps_classes_together(digits, tmp_path) -> None:
    events: list[dict] = []
    studies.run_job(tmp_path, JOB_SETTINGS, events.append, lambda: False)
    card = store.card("digits-tutorial")
    result = studies.result(card, "map", {})
    assert result is not None
    test = catalog.load("digits", "test")
    np.testing.assert_array_equal(result["positions"], np.arange(360))
    model = store.load(card.id)
    features = layer_outputs(model, [feature_layer(model)])(test.take(range(360)))[feature_layer(model)]
    centred = features - features.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    ours, theirs = result["pca"], centred @ directions[:2].T
    for axis in (0, 1):
        assert abs(np.corrcoef(ours[:, axis], theirs[:, axis])[0, 1]) == pytest.approx(1, abs=1e-4)
    assert float(result["variance"]) == pytest.approx((sizes[:2] ** 2).sum() / (sizes**2).sum(), abs=1e-4)
    same = [
        (test.labels[nearest_points(result["tsne"], index, 6)[1:]] == test.labels[index]).mean() for index in range(360)
    ]
    assert np.mean(same) > 0.9
    assert [event["what"] for event in events][-1] == "Arranging them by likeness"


@pytest.mark.parametrize(("units", "message"), [(8, "look the same to this network"), (1, "gives one number")])
def test_features_without_information_are_refused(
    units: int, message: str, digits, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnn.analysis.evaluation import embedding

    random = np.random.default_rng(0)

    def outputs_of(images: np.ndarray) -> dict[str, np.ndarray]:
        features = random.random((len(images), units)) if units == 1 else np.zeros((len(images), units))
        return {"dense_1": features.astype(np.float32)}

    monkeypatch.setattr(embedding, "layer_outputs", lambda model, layers: outputs_of)
    with pytest.raises(ModelError, match=message):
        studies.run_job(tmp_path, JOB_SETTINGS, lambda event: None, lambda: False)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_features_that_are_not_finite_are_refused(
    value: float, digits, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnn.analysis.evaluation import embedding

    random = np.random.default_rng(0)

    def outputs_of(images: np.ndarray) -> dict[str, np.ndarray]:
        features = random.random((len(images), 8)).astype(np.float32)
        features[3, 5] = value
        return {"dense_1": features}

    monkeypatch.setattr(embedding, "layer_outputs", lambda model, layers: outputs_of)
    # The 360 images make two batches.
    with pytest.raises(ModelError, match=r"For 2 of 360 images .* infinite or not a number"):
        studies.run_job(tmp_path, JOB_SETTINGS, lambda event: None, lambda: False)


def test_same_class_neighbours_match_a_plain_count() -> None:
    random = np.random.default_rng(1)
    points, labels = random.normal(size=(60, 2)).astype(np.float32), random.integers(0, 3, 60)
    counts = []
    for index in range(60):
        nearest = [other for other in nearest_points(points, index, 60).tolist() if other != index][:5]
        counts.append((labels[nearest] == labels[index]).sum())
    same, by_chance = same_class_neighbours(points, labels, 5)
    assert same == pytest.approx(np.mean(counts))
    pairs = [(labels[i] == labels[j]) for i in range(60) for j in range(60) if i != j]
    assert by_chance == pytest.approx(5 * np.mean(pairs))


def test_an_image_is_not_its_own_neighbour_even_among_identical_points() -> None:
    same, by_chance = same_class_neighbours(np.zeros((10, 2)), np.arange(10), 5)
    assert (same, by_chance) == (0, 0)
    clusters = np.repeat([[0.0, 0.0], [9.0, 9.0]], 5, axis=0)
    assert same_class_neighbours(clusters, np.repeat([0, 1], 5), 4)[0] == 4


def test_it_stops(digits, tmp_path) -> None:
    with pytest.raises(Stopped):
        studies.run_job(tmp_path, JOB_SETTINGS, lambda event: None, lambda: True)
    assert studies.result(store.card("digits-tutorial"), "map", {}) is None


def test_points_in_a_rectangle_and_nearest_points_by_hand() -> None:
    points = np.array([[0, 0], [1, 0], [5, 5], [6, 5]], np.float32)
    np.testing.assert_array_equal(points_within(points, (2, -1), (-1, 1)), [0, 1])
    np.testing.assert_array_equal(nearest_points(points, 3, 2), [3, 2])
