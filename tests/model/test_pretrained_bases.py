"""Pretrained bases match Keras' own, include the rescaling, and are frozen and not nested."""

import keras
import numpy as np
import pytest

from cnn.errors import ModelError
from cnn.model import mobilenet_weights, pretrained_bases, store
from cnn.model.pretrained_bases import BASES, base_model, with_head


@pytest.fixture(scope="module")
def mobilenet(prepared_data) -> keras.Model:
    return base_model("mobilenet_v2")


@pytest.mark.parametrize("name", BASES)
def test_base_has_the_shapes_and_sizes_of_its_description(name: str, prepared_data) -> None:
    base, model = BASES[name], base_model(name)
    assert model.input_shape == (None, *base.input_shape)
    assert model.output_shape == (None, *base.volume)
    assert (len(model.layers), model.count_params()) == (base.layers, base.parameters)
    assert not any(isinstance(layer, keras.Model) for layer in model.layers)
    assert not model.trainable_weights


def test_mobilenet_equals_the_keras_model_with_its_preprocessing(mobilenet: keras.Model) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 160, 160, 3)).astype(np.uint8)
    original = keras.applications.MobileNetV2(
        input_shape=(160, 160, 3), include_top=False, weights=str(mobilenet_weights.weights_file())
    )
    preprocessed = keras.applications.mobilenet_v2.preprocess_input(images.astype(np.float32))
    np.testing.assert_allclose(
        np.asarray(mobilenet(images)), np.asarray(original(preprocessed, training=False)), rtol=1e-4, atol=1e-4
    )


def test_built_in_base_is_cifar10_resnet_without_its_head() -> None:
    model = with_head(base_model("built-in"), 10)
    trained = store.load("cifar10-resnet")
    model.get_layer("logits").set_weights(trained.get_layer("logits").get_weights())
    images = np.random.default_rng(1).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)
    np.testing.assert_allclose(np.asarray(model(images)), np.asarray(trained(images)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("classes", "logits"), [(2, 1), (3, 3)])
def test_two_classes_share_one_logit(classes: int, logits: int) -> None:
    assert with_head(base_model("built-in"), classes).output_shape == (None, logits)


def test_unknown_base_and_missing_or_damaged_weights_are_reported(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    with pytest.raises(ModelError, match="There is no base called “resnet-9000”"):
        base_model("resnet-9000")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert not pretrained_bases.has_weights("mobilenet_v2")
    assert pretrained_bases.best_available_base().name == "built-in"
    with pytest.raises(ModelError, match=r"weights \(9 MB\) are not on this machine"):
        base_model("mobilenet_v2")
    mobilenet_weights.weights_file().parent.mkdir()
    mobilenet_weights.weights_file().write_bytes(b"half of it")
    with pytest.raises(ModelError, match=r"weights is damaged\. Delete"):
        base_model("mobilenet_v2")
