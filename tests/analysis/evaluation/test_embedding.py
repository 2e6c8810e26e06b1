"""The map of test images: PCA beside NumPy's SVD, neighbours that are of one class, and picking from it."""

import numpy as np
import pytest

from cnn.analysis import studies
from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.evaluation.embedding import feature_layer, nearest_points, points_within, same_class_neighbours
from cnn.data import catalog
from cnn.errors import ModelError
from cnn.figures.embedding_map import embedding_map_chart
from cnn.figures.palette import LIGHT
from cnn.model import store
from cnn.progress import Stopped
from pages.lessons.evaluation.embedding_map import picked_points

ASKED = {"model": "digits-tutorial", "study": "map", "settings": {}}


@pytest.mark.parametrize("card", store.cards(), ids=lambda card: card.id)
def test_the_features_are_what_the_last_dense_layer_gets(card: store.Card) -> None:
    model = store.load(card.id)
    layer = model.get_layer(feature_layer(model))
    logits = next(each for each in reversed(model.layers) if type(each).__name__ == "Dense")
    assert layer.output.shape[1:] == (logits.kernel.shape[0],)
    image = np.random.default_rng(0).integers(0, 256, (1, *card.input_shape), np.uint8)
    numbers = layer_outputs(model)(image)
    by_hand = numbers[layer.name][0] @ np.asarray(logits.kernel) + np.asarray(logits.bias)
    np.testing.assert_allclose(by_hand, numbers[logits.name][0], rtol=0.02, atol=0.05)


def test_without_a_dense_layer_there_is_no_map() -> None:
    import keras

    inputs = keras.Input((8, 8, 1), dtype="uint8")
    network = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(3, 3)(inputs)))
    with pytest.raises(ModelError, match="no dense layer at its end"):
        feature_layer(network)


def test_the_study_keeps_neighbours_together(digits, tmp_path) -> None:
    events: list[dict] = []
    studies.run_job(tmp_path, ASKED, events.append, lambda: False)
    card = store.card("digits-tutorial")
    found = studies.result(card, "map", {})
    assert found is not None
    test = catalog.load("digits", "test")
    np.testing.assert_array_equal(found["positions"], np.arange(360))
    model = store.load(card.id)
    features = layer_outputs(model, [feature_layer(model)])(test.take(range(360)))[feature_layer(model)]
    centred = features - features.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    ours, theirs = found["pca"], centred @ directions[:2].T
    for axis in (0, 1):
        assert abs(np.corrcoef(ours[:, axis], theirs[:, axis])[0, 1]) == pytest.approx(1, abs=1e-4)
    assert float(found["variance"]) == pytest.approx((sizes[:2] ** 2).sum() / (sizes**2).sum(), abs=1e-4)
    same = [
        (test.labels[nearest_points(found["tsne"], number, 6)[1:]] == test.labels[number]).mean()
        for number in range(360)
    ]
    assert np.mean(same) > 0.9
    assert [event["what"] for event in events][-1] == "Arranging them by likeness"


@pytest.mark.parametrize(("units", "sentence"), [(8, "look the same to this network"), (1, "gives one number")])
def test_features_that_tell_nothing_are_said_to_and_crash_nothing(
    units: int, sentence: str, digits, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnn.analysis.evaluation import embedding

    random = np.random.default_rng(0)

    def ask(images: np.ndarray) -> dict[str, np.ndarray]:
        numbers = random.random((len(images), units)) if units == 1 else np.zeros((len(images), units))
        return {"dense_1": numbers.astype(np.float32)}

    monkeypatch.setattr(embedding, "probe", lambda model, layers: ask)
    with pytest.raises(ModelError, match=sentence):
        studies.run_job(tmp_path, ASKED, lambda event: None, lambda: False)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_features_of_a_run_that_went_astray_are_refused_with_a_sentence(
    value: float, digits, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cnn.analysis.evaluation import embedding

    random = np.random.default_rng(0)

    def ask(images: np.ndarray) -> dict[str, np.ndarray]:
        numbers = random.random((len(images), 8)).astype(np.float32)
        numbers[3, 5] = value
        return {"dense_1": numbers}

    monkeypatch.setattr(embedding, "probe", lambda model, layers: ask)
    # 360 images are asked about in two batches.
    with pytest.raises(ModelError, match=r"For 2 of 360 images .* infinite or not a number"):
        studies.run_job(tmp_path, ASKED, lambda event: None, lambda: False)


def test_neighbours_of_the_same_class_are_counted_as_by_hand() -> None:
    random = np.random.default_rng(1)
    places, labels = random.normal(size=(60, 2)).astype(np.float32), random.integers(0, 3, 60)
    counts = []
    for number in range(60):
        near = [other for other in nearest_points(places, number, 60).tolist() if other != number][:5]
        counts.append((labels[near] == labels[number]).sum())
    same, by_chance = same_class_neighbours(places, labels, 5)
    assert same == pytest.approx(np.mean(counts))
    pairs = [(labels[one] == labels[other]) for one in range(60) for other in range(60) if one != other]
    assert by_chance == pytest.approx(5 * np.mean(pairs))


def test_an_image_is_not_its_own_neighbour_even_where_many_lie_at_one_place() -> None:
    same, by_chance = same_class_neighbours(np.zeros((10, 2)), np.arange(10), 5)
    assert (same, by_chance) == (0, 0)
    clumps = np.repeat([[0.0, 0.0], [9.0, 9.0]], 5, axis=0)
    assert same_class_neighbours(clumps, np.repeat([0, 1], 5), 4)[0] == 4


def test_it_stops(digits, tmp_path) -> None:
    with pytest.raises(Stopped):
        studies.run_job(tmp_path, ASKED, lambda event: None, lambda: True)
    assert studies.result(store.card("digits-tutorial"), "map", {}) is None


def test_of_many_images_some_are_written_and_no_two_lie_over_each_other() -> None:
    random = np.random.default_rng(2)
    places = random.random((1500, 2))
    truth, said = random.integers(0, 2, (2, 1500))
    spec = embedding_map_chart(
        places, np.arange(1500), truth, said, ("cat", "dog"), LIGHT, 1, height=300, pick=False
    ).to_dict()
    assert (spec["height"], "params" in spec) == (300, False)
    (rows,) = spec["datasets"].values()
    assert sorted(row["position"] for row in rows) == list(range(1500))
    assert all(("✗" in row["label"]) == (row["is"] != row["named"]) for row in rows)
    written = [row for row in rows if row["label"] not in ("✗", "●")]
    assert {row["is"] for row in written} == {"dog"}
    assert 50 < len(written) < 300
    for number, row in enumerate(written):
        for other in written[:number]:
            assert abs(row["x"] - other["x"]) > 0.07 or abs(row["y"] - other["y"]) > 0.035


def test_a_press_in_the_rectangle_is_not_kept_by_it() -> None:
    spec = embedding_map_chart(np.eye(2), np.arange(2), np.arange(2), np.arange(2), ("cat", "dog"), LIGHT).to_dict()
    (group,) = [each["select"] for each in spec["params"] if each["name"] == "group"]
    assert group["translate"] is False


def test_picking_one_or_a_rectangle_or_nothing() -> None:
    places = np.array([[0, 0], [1, 0], [5, 5], [6, 5]], np.float32)
    positions = np.array([10, 20, 30, 40])
    np.testing.assert_array_equal(points_within(places, (2, -1), (-1, 1)), [0, 1])
    np.testing.assert_array_equal(nearest_points(places, 3, 2), [3, 2])
    chosen, what = picked_points({"picked": [], "group": {"x": [4, 7], "y": [6, 4]}}, places, positions)
    assert (chosen.tolist(), what) == ([2, 3], "In the rectangle")
    chosen, what = picked_points({"picked": [{"position": 20}], "group": {}}, places, positions)
    assert chosen.tolist() == [1, 0, 2, 3]
    assert picked_points({"picked": [{"position": 99}]}, places, positions)[0].size == 0
    assert picked_points({}, places, positions)[0].size == 0
