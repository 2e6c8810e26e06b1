"""Class activation maps and gradients against tf-keras-vis on the same models and images, and each image by itself."""

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


def of_floats(model: keras.Model) -> keras.Model:
    """The same network, taking pixels as floats, 0-255, so that a gradient reaches them."""
    inputs = keras.tree.map_structure(lambda tensor: keras.Input(tensor.shape[1:], dtype="float32"), model.input)
    copy = keras.models.clone_model(model, input_tensors=inputs)
    copy.set_weights(model.get_weights())
    return copy


def tf_keras_vis(model: keras.Model, method: type, images: np.ndarray, class_index: int, **options) -> np.ndarray:
    """tf-keras-vis needs a gradient with respect to the input."""
    maps = method(of_floats(model), clone=False)(
        lambda output: output[:, class_index], images.astype(np.float32), **options
    )
    return np.asarray(maps)


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


@pytest.mark.parametrize(("method", "peer"), [("grad-cam", Gradcam), ("grad-cam++", GradcamPlusPlus)])
def test_class_activation_maps_agree_with_tf_keras_vis(model, images, method, peer):
    layer = cam_layers(model)[0]
    options = {
        "penultimate_layer": layer,
        "seek_penultimate_conv_layer": False,
        "expand_cam": False,
        "normalize_cam": False,
    }
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


def network(units: int, activation: str | None = None) -> keras.Model:
    """A small network with ``units`` outputs and random weights."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input((16, 16, 3), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(8, 3, activation="relu", name="conv_1")(x)
    x = keras.layers.Conv2D(8, 3, strides=2, activation="relu", name="conv_2")(x)
    return keras.Model(inputs, keras.layers.Dense(units, activation)(keras.layers.Flatten()(x)))


@pytest.mark.parametrize("from_file", [False, True], ids=["built", "loaded"])
@pytest.mark.parametrize(("units", "activation"), [(1, None), (3, None), (3, "softmax")])
def test_each_image_of_a_batch_is_explained_as_if_alone(units, activation, from_file, tmp_path):
    model = network(units, activation)
    if from_file:
        # As training saves it: the output of such a model is a list of one tensor.
        keras.Model(model.inputs, model.outputs).save(tmp_path / "model.keras")
        model = keras.saving.load_model(tmp_path / "model.keras")
        assert isinstance(model.output, list)
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)
    images[2] //= 8
    for method in METHODS:
        attribute = attribution(model, method)
        for class_index in (0, 1):
            maps = attribute(images, class_index)
            alone = np.concatenate([attribute(image[None], class_index) for image in images])
            np.testing.assert_allclose(maps, alone, rtol=1e-3, atol=1e-4 * np.abs(alone).max(), err_msg=method)
        assert (np.abs(maps).max(axis=(1, 2)) > 0).any()
        same = attribute(np.repeat(images[:1], 3, axis=0), 1)
        np.testing.assert_allclose(same, np.repeat(same[:1], 3, axis=0), rtol=1e-4, atol=1e-7, err_msg=method)
