"""Attributions against tf-keras-vis on the same models and images, and against properties proven in the papers."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tf_keras_vis.gradcam import Gradcam
from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
from tf_keras_vis.saliency import Saliency

from cnn.analysis.attribution.gradients import METHODS, attribution, cam_layers
from cnn.data.builtin.sample_photos import load_photo
from cnn.data.images import fit_to
from cnn.errors import ModelError
from cnn.model import store
from cnn.model.architectures import Architecture, Convolution, Dense, Dropout, Flatten, GlobalPooling, Pooling
from cnn.model.build import build

MODELS = ("cifar10-tutorial", "cifar10-resnet")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    temple, flower = load_photo("temple"), load_photo("flower")
    crops = [temple, flower, temple[100:300, 200:400], flower[50:350, 100:450], temple[:, ::-1]]
    return np.stack([fit_to(crop, (32, 32, 3)) for crop in crops])


@pytest.fixture(scope="module", params=MODELS)
def model(request) -> keras.Model:
    return store.load(request.param)


def tf_keras_vis(model: keras.Model, method: type, images: np.ndarray, class_index: int, **options) -> np.ndarray:
    """tf-keras-vis needs a gradient with respect to the input, so it gets the same network with float inputs."""
    inputs = keras.Input(model.input_shape[1:], dtype="float32")
    copy = keras.models.clone_model(model, input_tensors=[inputs])
    copy.set_weights(model.get_weights())
    maps = method(copy, clone=False)(lambda output: output[:, class_index], images.astype(np.float32), **options)
    return np.asarray(maps)


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


@pytest.mark.parametrize(("method", "peer"), [("grad-cam", Gradcam), ("grad-cam++", GradcamPlusPlus)])
def test_class_activation_maps_agree_with_tf_keras_vis(model, images, method, peer):
    layer = cam_layers(model)[0]
    options = {"penultimate_layer": layer, "seek_penultimate_conv_layer": False}
    options |= {"expand_cam": False, "normalize_cam": False}
    for class_index in (0, 3, 8):
        ours = attribution(model, method, layer)(images, class_index)
        theirs = tf_keras_vis(model, peer, images, class_index, **options)
        assert (ours >= 0).all()
        for our_map, their_map in zip(ours, np.nan_to_num(theirs), strict=True):
            if their_map.max() > 0:
                assert correlation(our_map, their_map) > 0.99
            else:
                assert our_map.max() <= 1e-6


def test_gradients_agree_with_tf_keras_vis(model, images):
    ours = attribution(model, "gradient")(images, 5)
    theirs = tf_keras_vis(model, Saliency, images, 5, keepdims=True, normalize_map=False)
    for our_map, their_map in zip(ours, np.abs(theirs).max(axis=-1), strict=True):
        assert correlation(our_map, their_map) > 0.99


def test_smooth_gradients_are_the_mean_over_noise(images):
    """tf-keras-vis draws different noise, so the two only correlate, but more than with the plain gradient."""
    model = store.load("cifar10-tutorial")
    ours = attribution(model, "smooth")(images[:2], 5)
    settings = {"smooth_samples": 24, "smooth_noise": 0.15, "keepdims": True, "normalize_map": False}
    theirs = np.abs(tf_keras_vis(model, Saliency, images[:2], 5, **settings)).max(axis=-1)
    gradients = attribution(model, "gradient")(images[:2], 5)
    for our_map, their_map, gradient in zip(ours, theirs, gradients, strict=True):
        assert correlation(our_map, their_map) > max(0.5, correlation(gradient, their_map))
    np.testing.assert_array_equal(ours, attribution(model, "smooth")(images[:2], 5))


def test_integrated_gradients_are_complete(model, images):
    """They sum to the score of the image minus the score of a black image (Sundararajan et al., section 3)."""
    maps = attribution(model, "integrated")(images, 8)
    score = np.asarray(model(images))[:, 8] - np.asarray(model(np.zeros_like(images[:1])))[0, 8]
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), score, rtol=0.05, atol=0.15)


def test_with_a_single_logit_the_two_classes_have_opposite_scores():
    inputs = keras.Input((16, 16, 3), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(4, 3, activation="relu", name="conv_1")(x)
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.GlobalAveragePooling2D()(x)))
    image = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 3), np.uint8)
    for method in METHODS:
        dog, cat = (attribution(model, method)(image, class_index) for class_index in (1, 0))
        if method == "integrated":
            np.testing.assert_allclose(dog, -cat, atol=1e-6)
        elif method in ("gradient", "smooth"):
            np.testing.assert_allclose(dog, cat, atol=1e-6)
        else:
            assert not np.allclose(dog, cat)
    with pytest.raises(ModelError, match="has 2 classes"):
        attribution(model, "grad-cam")(image, 2)


def test_grad_cam_by_hand():
    model = build(Architecture("own", (Convolution(3, 3), GlobalPooling())), (6, 6, 1), 2)
    image = np.random.default_rng(1).integers(0, 256, (1, 6, 6, 1), np.uint8)
    maps = np.asarray(keras.Model(model.inputs, model.get_layer("conv_1").output)(image))[0]
    # A map affects the score only through its mean, so each of its 16 numbers has the same gradient: weight / 16.
    weights = np.asarray(model.get_layer("logits").kernel)[:, 1] / 16
    np.testing.assert_allclose(attribution(model, "grad-cam")(image, 1)[0], np.maximum(maps @ weights, 0), atol=1e-6)


def test_unknown_methods_and_layers_and_unsuitable_images_are_refused():
    model = store.load("cifar10-tutorial")
    image = np.zeros((1, 32, 32, 3), np.uint8)
    with pytest.raises(ModelError, match="no method called “lime”"):
        attribution(model, "lime")
    with pytest.raises(ModelError, match="no layer with maps called “conv_9”"):
        attribution(model, "grad-cam", "conv_9")
    flat = build(Architecture("own", (Flatten(), Dense(4))), (8, 8, 1), 2)
    with pytest.raises(ModelError, match="This network has no convolution"):
        attribution(flat, "grad-cam")
    assert attribution(flat, "gradient")(np.zeros((1, 8, 8, 1), np.uint8), 0).shape == (1, 8, 8)
    for unsuitable in (image[0], image.astype(np.float32), image[:, :30]):
        with pytest.raises(ModelError, match="Resize them first"):
            attribution(model, "grad-cam")(unsuitable, 0)


def test_grad_cam_works_on_any_layer():
    model = build(Architecture("own", (Convolution(3), Pooling(), Convolution(4))), (12, 12, 1), 2)
    image = np.random.default_rng(0).integers(0, 256, (2, 12, 12, 1), np.uint8)
    sizes = {layer: attribution(model, "grad-cam", layer)(image, 0).shape for layer in cam_layers(model)}
    assert sizes == {"conv_2": (2, 3, 3), "pool_1": (2, 5, 5), "conv_1": (2, 10, 10)}
    assert tf.executing_eagerly()


def test_grad_cam_asks_the_volume_that_the_classifier_gets():
    assert cam_layers(store.load("cifar10-tutorial"))[0] == "conv_3"
    residual = cam_layers(store.load("cifar10-resnet"))
    # After normalisation, addition and ReLU; every layer since the first convolution can still be chosen.
    assert residual[:4] == ["activation_9", "add_3", "norm_9", "conv_9"]
    assert residual[-1] == "conv_1"
    assert {"activation_8", "add_1"} < set(residual)
    mobile = keras.applications.MobileNetV2((96, 96, 3), weights=None, classes=2)
    assert cam_layers(mobile)[:3] == ["out_relu", "Conv_1_bn", "Conv_1"]


def test_layers_that_pass_their_maps_on_are_left_out_and_single_places_come_last():
    layers = (Convolution(3), Pooling(), Dropout(0.5), Convolution(4, 5))
    assert cam_layers(build(Architecture("own", layers[:3]), (12, 12, 1), 2)) == ["pool_1", "conv_1"]
    assert cam_layers(build(Architecture("own", layers), (12, 12, 1), 2)) == ["pool_1", "conv_1", "conv_2"]
