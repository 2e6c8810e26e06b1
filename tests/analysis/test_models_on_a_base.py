"""Analysis of models on a pretrained base, whose input size differs from that of their data set."""

from pathlib import Path

import numpy as np
import pytest

from cnn.analysis import epoch_history
from cnn.analysis.activations.feature_maps import blocks, last_volume, map_layers
from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.activations.top_images import max_activations, top_images
from cnn.analysis.attribution.gradients import attribution
from cnn.analysis.attribution.occlusion import occlusion
from cnn.analysis.attribution.sanity_check import MAX_STAGES, stages
from cnn.analysis.batches import batch_size, in_batches
from cnn.analysis.evaluation import robustness
from cnn.data import catalog
from cnn.model import store
from cnn.model.predict import predictor
from tests.analysis.activations.test_number_origin import follow_to_pixels
from tests.transfer_models import WORKSPACE, built_in_head, mobilenet_head


@pytest.fixture(scope="module")
def built_in(laid_out_digits: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    home = tmp_path_factory.mktemp("built_in")
    return home, built_in_head(home, laid_out_digits)


@pytest.fixture(scope="module")
def mobilenet(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    home = tmp_path_factory.mktemp("mobilenet")
    return home, mobilenet_head(home, prepared_data)


@pytest.fixture
def digits_card(cnn_home, built_in, monkeypatch: pytest.MonkeyPatch) -> store.Card:
    monkeypatch.setenv("CNN_HOME", str(built_in[0]))
    return store.card(built_in[1])


@pytest.fixture
def photos_card(cnn_home, mobilenet, monkeypatch: pytest.MonkeyPatch) -> store.Card:
    monkeypatch.setenv("CNN_HOME", str(mobilenet[0]))
    return store.card(mobilenet[1])


@pytest.fixture(scope="module")
def network(mobilenet):
    """MobileNetV2 with its head, loaded once; read-only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(mobilenet[0]))
        return store.load(mobilenet[1])


@pytest.fixture
def photo(photos_card: store.Card) -> np.ndarray:
    return catalog.load(photos_card.dataset, "test").fitted([0], photos_card.input_shape)


def test_validation_images_have_the_networks_size_and_predictions_match_the_run(digits_card) -> None:
    assert digits_card in store.cards(WORKSPACE)
    assert catalog.network_shape("digits") == (32, 32, 1)
    assert epoch_history.validation_images(digits_card).shape == (144, 32, 32, 3)
    labels = catalog.load("digits", "validation").labels
    correct = (epoch_history.answers(digits_card) == labels).sum(axis=1)
    assert list(epoch_history.weights_of(digits_card)) == [0, 2]
    assert correct[1] > correct[0] + 20
    assert correct[1] == pytest.approx(digits_card.validation[0], abs=1)


def test_over_the_epochs_of_a_head_only_the_prediction_changes(photos_card, network, photo) -> None:
    take_snapshots = epoch_history.epoch_snapshots(network)
    first, last = take_snapshots(epoch_history.weights_of(photos_card), photo[0], 1)
    assert (first.epoch, last.epoch) == (0, 2)
    again = take_snapshots(epoch_history.weights_of(photos_card), photo[0], 1)[0]
    np.testing.assert_array_equal(first.probabilities, again.probabilities)
    np.testing.assert_array_equal(first.weights, last.weights)
    assert list(first.maps) == epoch_history.shown_layers(network)
    for layer, maps in first.maps.items():
        np.testing.assert_array_equal(maps, last.maps[layer])
    assert np.abs(first.probabilities - last.probabilities).max() > 0.01
    np.testing.assert_allclose(last.probabilities, predictor(network)(photo)[0], atol=1e-4)


def test_operations_are_counted_from_the_models_own_layers(photos_card, network) -> None:
    count = len(catalog.load(photos_card.dataset, "validation")) * 2
    # Sandler et al. (2018): 300 million at 224 pixels, including 1.3 million for the classifier, which is absent here.
    expected = (300e6 - 1.3e6) * (160 / 224) ** 2
    assert 1e9 * epoch_history.billion_operations(photos_card, network) / count == pytest.approx(expected, rel=0.03)


def test_robustness_disturbs_photos_of_the_networks_size(photos_card) -> None:
    result = robustness.study(photos_card, {}, lambda event: None, lambda: False)
    assert int(result["count"]) == photos_card.test[1]
    for name, disturbance in robustness.DISTURBANCES.items():
        assert result[name][disturbance.strengths.index(0)] == pytest.approx(photos_card.test[0], abs=1)


def test_numbers_are_followed_from_the_single_logit_to_a_pixel(network, photo) -> None:
    passed = {type(network.get_layer(name)).__name__ for name in follow_to_pixels(network, photo[0], seed=1, starts=8)}
    assert passed >= {"Dense", "GlobalAveragePooling2D", "ReLU", "BatchNormalization", "Conv2D", "DepthwiseConv2D"}
    assert passed >= {"ZeroPadding2D", "Add"}


def test_layers_are_grouped_by_block_and_end_with_the_feature_volume(network) -> None:
    assert last_volume(network) == "out_relu"
    assert network.get_layer("out_relu").output.shape == (None, 5, 5, 1280)
    layers = map_layers(network)
    assert (len(layers), layers[-1]) == (52, "Conv_1")
    groups = blocks(network, layers)
    assert len(groups) == 19
    assert groups["block_7"] == ["block_7_expand", "block_7_depthwise", "block_7_project"]


@pytest.mark.parametrize("method", ["gradient", "integrated"])
def test_with_one_logit_evidence_for_one_class_is_evidence_against_the_other(method: str, network, photo) -> None:
    attribute = attribution(network, method)
    sign = -1 if method == "integrated" else 1  # the gradient is drawn without its sign
    np.testing.assert_allclose(attribute(photo, 0), sign * attribute(photo, 1), atol=1e-4)


def test_grad_cam_uses_the_last_volume_for_both_classes(network, photo) -> None:
    attribute = attribution(network, "grad-cam")
    cat, dog = attribute(photo, 0)[0], attribute(photo, 1)[0]
    assert cat.shape == dog.shape == (5, 5)
    # Evidence for one class is evidence against the other, which Grad-CAM clips.
    assert not np.any((cat > 0) & (dog > 0))
    assert max(cat.max(), dog.max()) > 0


def test_a_frozen_base_is_randomised_too(network) -> None:
    assert [layer.name for layer in network.layers if layer.trainable_weights] == ["logits"]
    layers = stages(network)
    assert (len(layers), layers[0], layers[-1]) == (MAX_STAGES, "logits", "Conv1")


def test_large_images_are_predicted_in_batches(network, photos_card) -> None:
    assert (batch_size((32, 32, 3)), batch_size((160, 160, 3)), batch_size((640, 640, 3))) == (250, 39, 16)
    images = catalog.load(photos_card.dataset, "train").fitted(range(32), photos_card.input_shape)
    sizes, predict = [], predictor(network)

    def recording(batch: np.ndarray) -> np.ndarray:
        sizes.append(len(batch))
        return predict(batch)

    twice = np.concatenate([images, images])
    np.testing.assert_allclose(in_batches(recording, twice), predict(twice), atol=1e-5)
    assert sizes == [39, 25]
    hidden = occlusion(recording, images[0], 40, 40)
    np.testing.assert_allclose(hidden.whole, predict(images[:1])[0], atol=1e-4)
    assert hidden.probabilities.shape == (4, 4, 2)


def test_top_images_are_found_at_the_networks_input_size(network, photos_card) -> None:
    test = catalog.load(photos_card.dataset, "test")
    outputs_of = layer_outputs(network, ["out_relu"])
    shape = photos_card.input_shape
    activations = max_activations(outputs_of, "out_relu", lambda positions: test.fitted(positions, shape), len(test))
    maps = [outputs_of(test.fitted([index], shape))["out_relu"][0] for index in range(len(test))]
    np.testing.assert_allclose(activations.highest, [array.max(axis=(0, 1)) for array in maps], atol=1e-4)
    # ReLU6 clips many filters at 6 in many photos; then the higher mean decides.
    filter_index = int((activations.highest == activations.highest.max(axis=0)).sum(axis=0).argmax())
    order = top_images(activations, filter_index, len(test)).tolist()
    ranked = [(activations.highest[index, filter_index], activations.means[index, filter_index]) for index in order]
    assert ranked == sorted(ranked, reverse=True)
    np.testing.assert_allclose(activations.means, [array.mean(axis=(0, 1)) for array in maps], atol=1e-4)


def test_snapshots_of_one_image_do_not_affect_those_of_the_next() -> None:
    """Without kept weights there are two epochs, and the first must be untrained the second time, too."""
    card = store.card("shapes-tutorial")
    images = np.random.default_rng(0).integers(0, 256, (2, *card.input_shape)).astype(np.uint8)
    take_snapshots = epoch_history.epoch_snapshots(store.load(card.id))
    take_snapshots(epoch_history.weights_of(card), images[0], 0)
    first, last = take_snapshots(epoch_history.weights_of(card), images[1], 0)
    untrained = epoch_history.untrained_copy(store.load(card.id))
    np.testing.assert_allclose(first.probabilities, predictor(untrained)(images[1:])[0], atol=1e-6)
    assert np.abs(first.weights - last.weights).max() > 0.1
