"""A head fitted to a few photos, compared with scikit-learn and Keras, and the advice it gives."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from cnn.data.builtin.tabletop_photos import draw_on_table
from cnn.data.images import fit_to
from cnn.errors import ConfigError
from cnn.model.predict import predictor
from cnn.model.pretrained_bases import BASES, base_model, pooling, with_head
from cnn.training.few_shot_head import fit_head, is_unlike_all, suggest_improvements
from cnn.training.transfer_features import feature_extractor

random = np.random.default_rng(0)


def clouds(*counts: int, apart: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    """Features float32 (N, 20) in one Gaussian cloud per class, and their labels."""
    labels = np.repeat(np.arange(len(counts)), counts)
    return (apart * np.eye(len(counts), 20)[labels] + random.normal(size=(len(labels), 20))).astype(np.float32), labels


@pytest.mark.parametrize("counts", [(4, 5), (3, 4, 5), (5, 5, 5, 5)])
def test_it_equals_scikit_learns_logistic_regression(counts: tuple[int, ...]) -> None:
    features, labels = clouds(*counts)
    head = fit_head(features, labels, "abcd"[: len(counts)])
    expected = LogisticRegression(C=0.1, max_iter=500).fit(features, labels)
    np.testing.assert_allclose(head.predict(features), expected.predict_proba(features), atol=1e-4)
    assert not head.held_out.any()


def test_every_fifth_photo_is_held_out_if_there_are_enough() -> None:
    features, labels = clouds(7, 10)
    head = fit_head(features, labels, "ab")
    np.testing.assert_array_equal(np.flatnonzero(head.held_out), [4, 11, 16])
    fitted = ~head.held_out
    expected = LogisticRegression(C=0.1, max_iter=500).fit(features[fitted], labels[fitted])
    np.testing.assert_allclose(head.predict(features), expected.predict_proba(features), atol=1e-4)
    np.testing.assert_allclose(head.probabilities[head.held_out], head.predict(features)[head.held_out], atol=1e-6)


def test_a_photo_in_the_wrong_class_is_misclassified_by_the_others() -> None:
    features, labels = clouds(8, 8, apart=6.0)
    features[0] = 6.0 * np.eye(2, 20)[1]
    head = fit_head(features, labels, "ab")
    misclassified = np.flatnonzero(head.probabilities.argmax(axis=1) != labels)
    assert 0 in misclassified
    assert len(misclassified) <= 2
    others = ~head.held_out
    others[0] = False
    expected = LogisticRegression(C=0.1, max_iter=500).fit(features[others], labels[others])
    np.testing.assert_allclose(head.probabilities[0], expected.predict_proba(features[:1])[0], atol=1e-4)


@pytest.mark.parametrize("base", BASES)
def test_with_its_base_it_is_a_keras_model_and_its_activation_map_is_grad_cam(base: str, prepared_data) -> None:
    import keras

    pictures = draw_on_table("star", 4, border=4) + draw_on_table("heart", 4, border=4)
    inputs = np.stack([fit_to(picture, BASES[base].input_shape) for picture in pictures])
    head = fit_head(feature_extractor(base)(inputs), np.repeat([0, 1], 4), ("star", "heart"))
    frozen = base_model(base)
    model = with_head(frozen, 2)
    model.get_layer("logits").set_weights([head.weights[:, 1:] * 2, head.bias[1:] * 2])
    volumes = np.asarray(keras.Model(frozen.inputs, frozen.output)(inputs, training=False))
    pooled = np.asarray(pooling(frozen)(volumes))
    np.testing.assert_allclose(head.predict(pooled), predictor(model)(inputs), atol=1e-4)
    for class_index in (0, 1):
        heat = head.class_activation_map(volumes[0], class_index)
        expected = _grad_cam(model, frozen.layers[-1].name, inputs[:1], class_index)
        np.testing.assert_allclose(heat / max(heat.max(), 1e-9), expected / max(expected.max(), 1e-9), atol=1e-3)


def _grad_cam(model, layer: str, images: np.ndarray, class_index: int) -> np.ndarray:
    """Grad-CAM from TensorFlow's gradients, float (h, w)."""
    import keras
    import tensorflow as tf

    maps_and_logits = keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        maps, logits = maps_and_logits(images, training=False)
        score = logits[:, 0] if class_index == 1 else -logits[:, 0]
    weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
    return np.asarray(tf.nn.relu(tf.reduce_sum(weights * maps, axis=3)))[0]


@pytest.mark.parametrize(
    ("counts", "names", "sentence"),
    [
        ((0, 0), "AB", "There are no photos yet; to tell things apart it takes two"),
        ((3, 0), "AB", "There are photos of one class only, “A”; to tell things apart it takes two"),
        ((3, 0, 2), "ABC", "The class “B” has no photos yet. Give it some, or take the class away"),
    ],
)
def test_missing_photos_are_named(counts: tuple[int, ...], names: str, sentence: str) -> None:
    features, labels = clouds(*counts)
    with pytest.raises(ConfigError, match=sentence):
        fit_head(features, labels, names)


def test_suggestions_name_what_would_help_most() -> None:
    a, b, c = b"a", b"b", b"c"
    assert suggest_improvements(np.repeat([0, 1], 6), "AB", [bytes([n]) for n in range(12)]) == []
    few = suggest_improvements(np.repeat([0, 1], [2, 4]), "AB", [bytes([n]) for n in range(6)])
    assert "“A” has fewer than 5 photos" in few[0]
    uneven = suggest_improvements(np.repeat([0, 1], [5, 11]), "AB", [bytes([n]) for n in range(16)])
    assert uneven == ["“B” has over twice as many photos as “A”: it will be named too often. Even it out."]
    both = suggest_improvements(np.array([0, 0, 1, 1, 1]), "AB", [a, b, a, b, c])
    assert both[0] == "The same photo is in “A” and in “B”; it can be only one of them. Take one away."
    assert len([sentence for sentence in both if "same photo" in sentence]) == 1
    twice = suggest_improvements(np.array([0, 0, 1, 1]), "AB", [a, a, b, c])
    assert twice[0] == "A photo that is there twice teaches nothing new. Take another one instead."


@pytest.mark.parametrize("base", BASES)
def test_if_each_class_has_its_own_table_it_learns_the_table(base: str, prepared_data) -> None:
    extract = feature_extractor(base)

    def features(pictures: list[np.ndarray]) -> np.ndarray:
        return extract(np.stack([fit_to(picture, BASES[base].input_shape) for picture in pictures]))

    training = features(draw_on_table("moon", 8, light=True) + draw_on_table("circle", 8, light=False))
    head = fit_head(training, np.repeat([0, 1], 8), ("moon", "circle"))
    swapped = features(draw_on_table("moon", 20, light=False, seed=1))
    assert (head.predict(swapped).argmax(axis=1) == 1).mean() > 0.6
    same = features(draw_on_table("moon", 20, light=True, seed=1))
    assert (head.predict(same).argmax(axis=1) == 0).mean() > 0.8


def test_tables_are_light_or_dark_as_requested() -> None:
    for light in (True, False):
        for picture in draw_on_table("star", 5, light=light):
            assert picture.shape == (80, 80, 3) and picture.dtype == np.uint8
            edge = picture[:4].mean()
            assert (edge > 160) == light and (edge < 110) == (not light)


def test_a_picture_is_unlike_all_photos_if_they_are_nearer_to_each_other() -> None:
    directions = np.radians([0, 10, 30, 90, 95])
    known = np.stack([np.cos(directions), np.sin(directions)], axis=1).astype(np.float32)
    labels = np.array([0, 0, 0, 1, 1])  # the loneliest is 20 degrees from the next of its class
    for degrees, unlike in ((49, False), (51, True), (69, True), (71, False), (-21, True), (-19, False)):
        picture = 7 * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], np.float32)
        assert is_unlike_all(picture, known, labels) == unlike
    assert not is_unlike_all(known[0], known[[0, 3]], np.array([0, 1]))


def test_of_pictures_like_the_photos_about_one_in_n_is_taken_for_unlike() -> None:
    known, labels = clouds(10, 10)
    more, _ = clouds(200, 200)
    rate = np.mean([is_unlike_all(features, known, labels) for features in more])
    assert rate < 0.15
    strangers = random.normal(size=(400, 20)).astype(np.float32) - 4 * np.eye(20, dtype=np.float32)[5]
    assert np.mean([is_unlike_all(features, known, labels) for features in strangers]) > 0.9
