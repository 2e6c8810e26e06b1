"""Pretrained bases: un-nested, rescaled once, frozen below a line."""

import keras
import numpy as np
import pytest

from cnn.errors import ModelError
from cnn.model import mobilenet_weights, pretrained_bases, store
from cnn.model.fine_tuning import trainable_parameters, unfreeze
from cnn.model.pretrained_bases import BASES, base_model, with_head


@pytest.fixture(scope="module")
def mobilenet(prepared_data) -> keras.Model:
    return base_model("mobilenet_v2")


@pytest.mark.parametrize("name", BASES)
def test_a_base_is_what_its_description_says(name: str, prepared_data) -> None:
    base, model = BASES[name], base_model(name)
    assert model.input_shape == (None, *base.input_shape)
    assert model.output_shape == (None, *base.volume)
    assert (len(model.layers), model.count_params()) == (base.layers, base.parameters)
    assert not any(isinstance(layer, keras.Model) for layer in model.layers)
    assert not model.trainable_weights


def test_it_is_keras_own_with_the_rescaling_inside(mobilenet: keras.Model) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 160, 160, 3)).astype(np.uint8)
    theirs = keras.applications.MobileNetV2(
        input_shape=(160, 160, 3), include_top=False, weights=str(mobilenet_weights.weights_file())
    )
    prepared = keras.applications.mobilenet_v2.preprocess_input(images.astype(np.float32))
    np.testing.assert_allclose(
        np.asarray(mobilenet(images)), np.asarray(theirs(prepared, training=False)), rtol=1e-4, atol=1e-4
    )


def test_the_built_in_base_is_cifar10_resnet_below_its_head() -> None:
    model = with_head(base_model("built-in"), 10)
    trained = store.load("cifar10-resnet")
    model.get_layer("logits").set_weights(trained.get_layer("logits").get_weights())
    images = np.random.default_rng(1).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)
    np.testing.assert_allclose(np.asarray(model(images)), np.asarray(trained(images)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("classes", "logits"), [(2, 1), (3, 3)])
def test_two_classes_need_one_logit(classes: int, logits: int) -> None:
    assert with_head(base_model("built-in"), classes).output_shape == (None, logits)


def test_fine_tuning_thirty_layers_changes_nothing_below_the_line(mobilenet: keras.Model) -> None:
    model = with_head(mobilenet, 2)
    unfreeze(model, 30)
    before = {weight.path: np.array(weight) for weight in model.weights}
    images = np.random.default_rng(2).integers(0, 256, (4, 160, 160, 3)).astype(np.uint8)
    model.compile(keras.optimizers.Adam(1e-3), keras.losses.BinaryCrossentropy(from_logits=True))
    model.fit(images, np.array([0, 1, 0, 1]), epochs=2, batch_size=2, verbose=0)
    layers = [layer for layer in model.layers if layer.name not in ("global_pool", "logits")]
    assert len(layers) == 155
    for place, layer in enumerate(layers):
        normalises = isinstance(layer, keras.layers.BatchNormalization)
        for weight in layer.weights:
            changed = np.any(np.array(weight) != before[weight.path])
            assert changed == (place >= 125 and not normalises), (layer.name, weight.path)
    head = model.get_layer("logits")
    assert all(np.any(np.array(weight) != before[weight.path]) for weight in head.weights)


def test_the_ladder_goes_from_the_head_alone_to_every_convolution(mobilenet: keras.Model) -> None:
    model = with_head(mobilenet, 2)
    counts = []
    for layers in (0, 10, 30, 155):
        unfreeze(model, layers)
        counts.append(trainable_parameters(model))
    assert counts[0] == 1281
    assert counts == sorted(set(counts))
    convolutions = [w for layer in model.layers if "Conv" in type(layer).__name__ for w in layer.weights]
    assert counts[-1] == 1281 + sum(int(np.prod(w.shape)) for w in convolutions)
    unfreeze(model, 0)
    assert trainable_parameters(model) == 1281


def test_what_is_not_here_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
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
