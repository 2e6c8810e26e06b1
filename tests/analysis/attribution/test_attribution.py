"""Against tf-keras-vis on the same models and images, against what the papers promise, and the sanity check."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import sobel
from tf_keras_vis.gradcam import Gradcam
from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
from tf_keras_vis.saliency import Saliency

from cnn.analysis.attribution.gradients import METHODS, attribution, cam_layers
from cnn.analysis.attribution.occlusion import occlusion
from cnn.analysis.attribution.sanity_check import compare_while_forgetting, forget, similarity
from cnn.data.builtin.sample_photos import load_photo
from cnn.data.images import fit_to
from cnn.errors import ModelError
from cnn.model import store
from cnn.model.architectures import Architecture, Convolution, Dense, Flatten, GlobalPooling, Pooling
from cnn.model.build import build
from cnn.model.predict import predictor

MODELS = ("cifar10-tutorial", "cifar10-resnet")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    temple, flower = load_photo("temple"), load_photo("flower")
    crops = [temple, flower, temple[100:300, 200:400], flower[50:350, 100:450], temple[:, ::-1]]
    return np.stack([fit_to(crop, (32, 32, 3)) for crop in crops])


@pytest.fixture(scope="module", params=MODELS)
def model(request) -> keras.Model:
    return store.load(request.param)


def theirs(model: keras.Model, method: type, images: np.ndarray, number: int, **more) -> np.ndarray:
    """tf-keras-vis needs a gradient with respect to the input, so it gets the same network for 0.0-255.0."""
    given = keras.Input(model.input_shape[1:], dtype="float32")
    copy = keras.models.clone_model(model, input_tensors=[given])
    copy.set_weights(model.get_weights())
    explained = method(copy, clone=False)(lambda output: output[:, number], images.astype(np.float32), **more)
    return np.asarray(explained)


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


@pytest.mark.parametrize(("method", "peer"), [("grad-cam", Gradcam), ("grad-cam++", GradcamPlusPlus)])
def test_class_activation_maps_agree_with_tf_keras_vis(model, images, method, peer):
    layer = cam_layers(model)[0]
    for number in (0, 3, 8):
        ours = attribution(model, method, layer)(images, number)
        other = theirs(model, peer, images, number, penultimate_layer=layer, expand_cam=False, normalize_cam=False)
        assert (ours >= 0).all()
        for mine, its in zip(ours, np.nan_to_num(other), strict=True):
            if its.max() > 0:
                assert correlation(mine, its) > 0.99
            else:
                assert mine.max() <= 1e-6


def test_gradients_agree_with_tf_keras_vis(model, images):
    ours = attribution(model, "gradient")(images, 5)
    other = theirs(model, Saliency, images, 5, keepdims=True, normalize_map=False)
    for mine, its in zip(ours, np.abs(other).max(axis=-1), strict=True):
        assert correlation(mine, its) > 0.99


def test_smooth_gradients_are_the_mean_over_noise(images):
    """tf-keras-vis draws other noise, so both are only alike; without noise both are the gradient."""
    model = store.load("cifar10-tutorial")
    ours = attribution(model, "smooth")(images[:2], 5)
    settings = {"smooth_samples": 24, "smooth_noise": 0.15, "keepdims": True, "normalize_map": False}
    other = np.abs(theirs(model, Saliency, images[:2], 5, **settings)).max(axis=-1)
    plain = attribution(model, "gradient")(images[:2], 5)
    for mine, its, rough in zip(ours, other, plain, strict=True):
        assert correlation(mine, its) > max(0.5, correlation(rough, its))
    np.testing.assert_array_equal(ours, attribution(model, "smooth")(images[:2], 5))


def test_integrated_gradients_add_up_to_what_the_image_changed(model, images):
    """Completeness: they sum to the score of the image less that of black (Sundararajan et al., section 3)."""
    found = attribution(model, "integrated")(images, 8)
    score = np.asarray(model(images))[:, 8] - np.asarray(model(np.zeros_like(images[:1])))[0, 8]
    np.testing.assert_allclose(found.sum(axis=(1, 2)), score, rtol=0.05, atol=0.15)


def test_one_logit_has_a_sign():
    inputs = keras.Input((16, 16, 3), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(4, 3, activation="relu", name="conv_1")(x)
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.GlobalAveragePooling2D()(x)))
    image = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 3), np.uint8)
    for method in METHODS:
        dog, cat = (attribution(model, method)(image, number) for number in (1, 0))
        if method == "integrated":
            np.testing.assert_allclose(dog, -cat, atol=1e-6)
        elif method in ("gradient", "smooth"):
            np.testing.assert_allclose(dog, cat, atol=1e-6)
        else:
            assert not np.allclose(dog, cat)
    with pytest.raises(ModelError, match="has 2 classes"):
        attribution(model, "grad-cam")(image, 2)


def test_a_grad_cam_written_out_by_hand():
    model = build(Architecture("own", (Convolution(3, 3), GlobalPooling())), (6, 6, 1), 2)
    image = np.random.default_rng(1).integers(0, 256, (1, 6, 6, 1), np.uint8)
    maps = np.asarray(keras.Model(model.inputs, model.get_layer("conv_1").output)(image))[0]
    # The mean of a map is its only way to the score, so each of its 16 numbers has the same slope: weight / 16.
    weights = np.asarray(model.get_layer("logits").kernel)[:, 1] / 16
    np.testing.assert_allclose(attribution(model, "grad-cam")(image, 1)[0], np.maximum(maps @ weights, 0), atol=1e-6)


def test_every_hidden_square_is_answered_as_if_alone():
    model = store.load("cifar10-tutorial")
    predict = predictor(model)
    image = fit_to(load_photo("flower"), (32, 32, 3))
    found = occlusion(predict, image, 9, 3)
    assert found.probabilities.shape == (len(found.tops), len(found.lefts), 10)
    assert found.tops[0] == -4
    for row, column in ((0, 0), (3, 7), (len(found.tops) - 1, 2)):
        hidden = image.copy()
        top, left = found.tops[row], found.lefts[column]
        hidden[max(0, top) : top + 9, max(0, left) : left + 9] = 128
        np.testing.assert_allclose(found.probabilities[row, column], predict(hidden[None])[0], atol=1e-5)
    np.testing.assert_allclose(found.drop(4), predict(image[None])[0, 4] - found.probabilities[..., 4], atol=1e-6)


def test_forgetting_goes_from_the_top_down_and_leaves_what_is_below():
    model = copied(learned := store.load("shapes-tutorial"))
    layers = ["logits", "dense_1", "conv_3", "conv_2", "conv_1"]
    for number, forgotten in enumerate(forget(model)):
        assert forgotten == layers[number]
        for depth, name in enumerate(layers):
            now, before = model.get_layer(name).get_weights(), learned.get_layer(name).get_weights()
            same = [np.array_equal(a, b) for a, b in zip(now, before, strict=True)]
            assert all(same) == (depth > number), (number, name)
    assert number == len(layers) - 1


def copied(model: keras.Model) -> keras.Model:
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


@pytest.mark.parametrize("method", ["grad-cam", "gradient"])
def test_the_sanity_check_behaves_as_published(method):
    """Grad-CAM and gradients notice that the network forgot everything; an edge detector, which asks none, does not."""
    model, image = store.load("cifar10-resnet"), fit_to(load_photo("flower"), (32, 32, 3))

    def explaining(copy):
        explain = attribution(copy, method)
        return lambda: explain(image[None], 3)[0]

    *_, (_, heat, alike) = compare_while_forgetting(model, explaining)
    empty = copied(model)
    list(forget(empty))
    # Compiled once, it still sees weights that change.
    np.testing.assert_allclose(heat, attribution(empty, method)(image[None], 3)[0], rtol=1e-4, atol=1e-6)
    assert abs(alike) < 0.35
    grey = image.mean(axis=2)
    edges = np.hypot(sobel(grey, 0), sobel(grey, 1))
    small = store.load("shapes-tutorial")
    assert [alike for _, _, alike in compare_while_forgetting(small, lambda copy: lambda: edges)] == pytest.approx(
        [1] * 5
    )
    # A small network's gradients keep much of the image's structure even when nothing is known: it must only change.
    *_, (_, _, alike) = compare_while_forgetting(small, explaining)
    assert abs(alike) < 0.9


def test_similarity_is_the_correlation_of_ranks():
    first = np.array([[1.0, 2.0], [3.0, 100.0]])
    # Ranks 1 2 3 4 against 1 2 4 3: 1 - 6 * (1 + 1) / (4 * (16 - 1)).
    assert similarity(first, np.array([[1.0, 2.0], [4.0, 3.0]])) == pytest.approx(0.8)
    assert similarity(first, -first) == pytest.approx(-1)
    assert similarity(first, np.zeros((2, 2))) == 0


def test_what_is_not_possible_gets_a_sentence():
    model = store.load("cifar10-tutorial")
    image = np.zeros((1, 32, 32, 3), np.uint8)
    with pytest.raises(ModelError, match="no method called “lime”"):
        attribution(model, "lime")
    with pytest.raises(ModelError, match="no convolution or pooling called “conv_9”"):
        attribution(model, "grad-cam", "conv_9")
    flat = build(Architecture("own", (Flatten(), Dense(4))), (8, 8, 1), 2)
    with pytest.raises(ModelError, match="This network has no convolution"):
        attribution(flat, "grad-cam")
    assert attribution(flat, "gradient")(np.zeros((1, 8, 8, 1), np.uint8), 0).shape == (1, 8, 8)
    for wrong in (image[0], image.astype(np.float32), image[:, :30]):
        with pytest.raises(ModelError, match="Resize them first"):
            attribution(model, "grad-cam")(wrong, 0)


def test_any_layer_can_be_asked():
    model = build(Architecture("own", (Convolution(3), Pooling(), Convolution(4))), (12, 12, 1), 2)
    image = np.random.default_rng(0).integers(0, 256, (2, 12, 12, 1), np.uint8)
    sizes = {layer: attribution(model, "grad-cam", layer)(image, 0).shape for layer in cam_layers(model)}
    assert sizes == {"conv_2": (2, 3, 3), "pool_1": (2, 5, 5), "conv_1": (2, 10, 10)}
    assert tf.executing_eagerly()
