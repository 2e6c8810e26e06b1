from pathlib import Path

import keras
import numpy as np
import pytest

from cnn.data.images import fit_to
from cnn.errors import ImageShapeError
from cnn.model.architectures import Architecture, Convolution, Pooling
from cnn.model.build import build
from cnn.model.pixel_permutation import permute_pixels, pixel_permutation
from cnn.model.predict import answer_photo, low_confidence_hint, predictor, top_classes
from cnn.model.store import Card

SHAPE = (12, 10, 3)
NAMES = ("ant", "bee", "cat", "dog")


@pytest.fixture(scope="module")
def model():
    return build(Architecture("own", (Convolution(4), Pooling())), SHAPE, 4, seed=5)


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (6, *SHAPE), dtype=np.uint8)


@pytest.fixture
def card():
    return Card(
        id="m",
        title="m",
        dataset="digits",
        class_names=NAMES,
        input_shape=SHAPE,
        architecture="own",
        parameters=1,
        test=(3, 4),
        measured=True,
        examined=True,
        exam_sealed=False,
        exam_opened=None,
        validation=(3, 4),
        epochs=1,
        bytes=1,
        seconds=1,
        created=0,
        pixel_seed=None,
        command=None,
        config={},
        workspace=None,
        folder=Path("m"),
    )


def softmax(logits):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def test_probabilities_are_the_softmax_of_the_logits(model, images):
    probabilities = predictor(model)(images)
    assert probabilities.shape == (6, 4) and probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities, softmax(model.predict(images, verbose=0)), rtol=1e-5)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)


def test_number_of_images_may_vary_between_calls(model, images):
    predict = predictor(model)
    all_probabilities = predict(images)
    np.testing.assert_allclose(np.concatenate([predict(images[:1]), predict(images[1:])]), all_probabilities, rtol=1e-5)
    assert predict(images[:0]).shape == (0, 4)


def test_one_logit_gives_probabilities_of_two_classes(images):
    model = build(Architecture("own", ()), SHAPE, 1, seed=2)
    logits = model.predict(images, verbose=0)[:, 0]
    probabilities = predictor(model)(images)
    np.testing.assert_allclose(probabilities[:, 1], 1 / (1 + np.exp(-logits)), rtol=1e-5)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)


def test_mixed_precision_model_predicts_float32(images):
    model = build(Architecture("own", (Convolution(4),)), SHAPE, 4, dtype="mixed_bfloat16")
    probabilities = predictor(model)(images)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)


def test_pixel_seed_permutes_the_pixels_before_prediction(model, images):
    permuted = permute_pixels(images, pixel_permutation(SHAPE, 9))
    np.testing.assert_array_equal(predictor(model, pixel_seed=9)(images), predictor(model)(permuted))
    assert (predictor(model, pixel_seed=9)(images) != predictor(model)(images)).any()


@pytest.mark.parametrize(
    ("wrong_images", "description"),
    [
        (np.zeros((1, *SHAPE), np.float32), r"float32 of shape \(1, 12, 10, 3\)"),
        (np.zeros(SHAPE, np.uint8), r"uint8 of shape \(12, 10, 3\)"),
        (np.zeros((2, 10, 12, 3), np.uint8), r"\(2, 10, 12, 3\)"),
        (np.zeros((2, 12, 10, 1), np.uint8), r"\(2, 12, 10, 1\)"),
        (np.zeros((0,), np.uint8), r"\(0,\)"),
    ],
)
def test_images_of_another_type_or_shape_are_refused(model, wrong_images, description):
    with pytest.raises(ImageShapeError, match=r"takes uint8 images of shape \(N, 12, 10, 3\); it got .*" + description):
        predictor(model)(wrong_images)


@pytest.mark.parametrize("photo_shape", [(80, 50, 3), (9, 31, 1), SHAPE])
def test_photo_is_resized_to_the_input_of_the_model(model, card, photo_shape):
    photo = np.random.default_rng(1).integers(0, 256, photo_shape, dtype=np.uint8)
    predict = predictor(model)
    answer = answer_photo(predict, card, photo)
    np.testing.assert_array_equal(answer.seen, fit_to(photo, SHAPE))
    np.testing.assert_array_equal(answer.probabilities, predict(answer.seen[None])[0])


def test_prediction_changes_no_weight(images):
    model = build(Architecture("own", (Convolution(4, batch_norm=True),)), SHAPE, 4)
    before = keras.ops.convert_to_numpy(model.get_layer("norm_1").moving_mean).copy()
    predictor(model)(images)
    np.testing.assert_array_equal(model.get_layer("norm_1").moving_mean, before)


def test_top_classes_are_sorted_by_probability(card):
    probabilities = np.array([0.2, 0.5, 0.1, 0.2], np.float32)
    assert top_classes(card, probabilities) == [
        ("bee", 0.5),
        ("ant", pytest.approx(0.2)),
        ("dog", pytest.approx(0.2)),
    ]
    assert [name for name, _ in top_classes(card, probabilities, 1)] == ["bee"]
    assert len(top_classes(card, probabilities, 9)) == 4


@pytest.mark.parametrize(
    ("probabilities", "hint"),
    [
        ([0.97, 0.02, 0.01], None),
        ([0.60, 0.30, 0.10], None),
        ([0.20, 0.54, 0.26], None),
        ([0.10, 0.55, 0.35], "Two classes are close"),
        ([0.48, 0.52], "Two classes are close"),
        ([0.49, 0.20, 0.31], "No class fits well"),
        ([0.25] * 4, "No class fits well"),
    ],
)
def test_hint_appears_at_low_confidence_or_low_margin(probabilities, hint):
    shown = low_confidence_hint(np.array(probabilities, np.float32))
    assert shown is None if hint is None else shown.startswith(hint)
