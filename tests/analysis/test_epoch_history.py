"""Snapshots and predictions of each epoch, against its weights loaded independently."""

import numpy as np
import pytest

from cnn.analysis import epoch_history, studies
from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.attribution.gradients import attribution
from cnn.data import catalog
from cnn.errors import ModelError
from cnn.model import store
from cnn.model.predict import predictor
from cnn.progress import Stopped


@pytest.fixture(scope="module")
def model():
    return store.load("digits-tutorial")


@pytest.fixture
def card() -> store.Card:
    return store.card("digits-tutorial")


def test_the_stored_run_kept_every_epoch(card: store.Card) -> None:
    assert list(epoch_history.weights_of(card)) == list(range(card.epochs + 1))


def test_a_run_without_kept_weights_has_its_first_and_last_epoch() -> None:
    card = store.card("shapes-tutorial")
    assert epoch_history.weights_of(card) == {0: None, card.epochs: card.file}
    model = store.load(card.id)
    image = np.random.default_rng(0).integers(0, 256, card.input_shape).astype(np.uint8)
    first, last = epoch_history.epoch_snapshots(model)(epoch_history.weights_of(card), image, 0)
    np.testing.assert_allclose(last.probabilities, predictor(model)(image[None])[0], atol=1e-6)
    assert np.ptp(first.probabilities) < 0.3
    assert np.abs(first.weights - last.weights).max() > 0.1


@pytest.mark.parametrize("id", ["digits-tutorial", "cifar10-tutorial"])
def test_seeds_recreate_the_initial_weights_of_a_run(id: str) -> None:
    stored, recreated = epoch_history.untrained_copy(store.load(id)), epoch_history.untrained_copy(store.load(id))
    stored.load_weights(store.card(id).folder / "epochs" / "0.weights.h5")
    for expected, weights in zip(stored.get_weights(), recreated.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)


def test_the_last_snapshot_is_of_the_network_itself_and_the_first_is_not(digits, card: store.Card, model) -> None:
    image = catalog.load("digits", "test").take([0])
    before = model.get_weights()
    files = {epoch: file for epoch, file in epoch_history.weights_of(card).items() if epoch in (0, 5, card.epochs)}
    snapshots = epoch_history.epoch_snapshots(model)(files, image[0], 1)
    assert [snapshot.epoch for snapshot in snapshots] == [0, 5, card.epochs]
    expected = layer_outputs(model)(image)
    for layer, maps in snapshots[-1].maps.items():
        np.testing.assert_allclose(maps, expected[layer][0], atol=1e-5)
        assert np.abs(snapshots[0].maps[layer] - maps).max() > 0.01
    np.testing.assert_allclose(snapshots[-1].probabilities, predictor(model)(image)[0], atol=1e-5)
    np.testing.assert_array_equal(snapshots[-1].weights, np.asarray(model.layers[2].kernel).transpose(3, 0, 1, 2))
    assert snapshots[0].heat.ndim == 2
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_heatmap_of_an_epoch_asks_the_last_volume() -> None:
    card, model = store.card("cifar10-resnet"), store.load("cifar10-resnet")
    image = np.random.default_rng(0).integers(0, 256, card.input_shape).astype(np.uint8)
    files = {epoch: file for epoch, file in epoch_history.weights_of(card).items() if epoch == card.epochs}
    heat = epoch_history.epoch_snapshots(model)(files, image, 3)[-1].heat
    np.testing.assert_allclose(heat, attribution(model, "grad-cam", "activation_9")(image[None], 3)[0], atol=1e-5)


def test_predictions_improve_over_the_epochs(digits, card: store.Card) -> None:
    predicted = epoch_history.answers(card)
    labels = catalog.load("digits", "validation").labels
    assert predicted.shape == (card.epochs + 1, len(labels))
    accuracy = (predicted == labels).mean(axis=1)
    assert accuracy[-1] == card.validation[0] / card.validation[1]
    assert accuracy[0] < 0.4 < 0.9 < accuracy[-1]


def test_it_stops_and_reports(digits, card: store.Card) -> None:
    events: list[dict] = []
    with pytest.raises(Stopped):
        epoch_history.answers(card, events.append, lambda: len(events) > 2)
    assert [event["done"] for event in events] == [0, 1, 2]
    assert events[0]["total"] == card.epochs + 1


def test_the_result_of_the_study_is_stored_and_a_damaged_file_is_ignored(digits, tmp_path, card: store.Card) -> None:
    assert studies.result(card, "history", {}) is None
    job_settings = {"model": card.id, "study": "history", "settings": {}}
    studies.run_job(tmp_path, job_settings, lambda event: None, lambda: False)
    result = studies.result(card, "history", {})
    assert result is not None
    np.testing.assert_array_equal(result["said"], epoch_history.answers(card))
    file = next((digits / "studies" / card.id).glob("history-*.npz"))
    file.write_bytes(file.read_bytes()[:100])
    assert studies.result(card, "history", {}) is None


def test_an_unknown_study_is_refused(tmp_path) -> None:
    with pytest.raises(ModelError, match="There is no study called “dreams”"):
        studies.run_job(tmp_path, {"model": "digits-tutorial", "study": "dreams", "settings": {}}, print, bool)


def test_missing_or_damaged_weights_are_reported(card: store.Card, model, tmp_path) -> None:
    image = np.zeros(card.input_shape, np.uint8)
    for file in (tmp_path / "3.weights.h5", tmp_path / "damaged.weights.h5"):
        if file.name.startswith("damaged"):
            file.write_bytes(b"not weights")
        with pytest.raises(ModelError, match="kept after epoch 3 are gone or damaged"):
            epoch_history.epoch_snapshots(model)({3: file}, image, 0)


@pytest.mark.parametrize("id", ["digits-tutorial", "cifar10-resnet"])
def test_at_most_six_layers_are_shown_including_the_first_and_the_last(id: str) -> None:
    from cnn.analysis.activations.feature_maps import map_layers

    layers = map_layers(model := store.load(id))
    shown = epoch_history.shown_layers(model)
    assert len(shown) == min(6, len(layers)) == len(set(shown))
    assert (shown[0], shown[-1]) == (layers[0], layers[-1])
