"""A network that is saved and loaded answers as before, and where it does not, the difference is the true one."""

import keras
import numpy as np
import pytest
from scipy.special import softmax

from cnn.errors import ModelError
from cnn.model import round_trip, store
from cnn.model.build import build
from cnn.model.predict import predictor
from cnn.model.presets import preset
from cnn.model.pretrained_bases import base_model, with_head

LOAD = keras.saving.load_model


def random_images(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (3, *shape), np.uint8)


@pytest.mark.parametrize("kind", ["digits-tutorial", "cifar10-resnet", "one logit", "dense", "bfloat16"])
def test_a_loaded_network_gives_the_same_answers(kind: str, tmp_path) -> None:
    if kind in store.names():
        model = store.load(kind)
    elif kind == "one logit":
        model = with_head(base_model("built-in"), 2, seed=1)
    elif kind == "dense":
        model = build(preset("dense"), (32, 32, 3), 10, seed=2)
    else:
        model = build(preset("tutorial"), (32, 32, 3), 10, seed=2, dtype="mixed_bfloat16")
    images = random_images(model.input_shape[1:])
    predict = predictor(model)
    made = round_trip.round_trip(model, predict, images)
    assert made.largest <= 1e-6
    np.testing.assert_array_equal(made.before, predict(images))
    model.save(tmp_path / "again.keras")
    # The same but for the time of writing, which is in the file.
    assert made.bytes == pytest.approx((tmp_path / "again.keras").stat().st_size, rel=1e-3)


def test_the_answers_after_are_those_of_the_file_and_their_difference_is_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = store.load("digits-tutorial")
    images = random_images(model.input_shape[1:])
    logits = np.asarray(model([images])).astype(np.float64)

    def load_changed(file, **options):
        loaded = LOAD(file, **options)
        bias = loaded.layers[-1].bias
        bias.assign(np.asarray(bias) + np.eye(10, dtype=np.float32)[3])
        return loaded

    monkeypatch.setattr(keras.saving, "load_model", load_changed)
    made = round_trip.round_trip(model, predictor(model), images)
    before, after = softmax(logits, axis=1), softmax(logits + np.eye(10)[3], axis=1)
    np.testing.assert_allclose(made.after, after, atol=1e-5)
    assert made.largest == pytest.approx(float(np.abs(before - after).max()), abs=1e-5)
    assert made.largest > 0.01


def test_shuffled_pixels_are_shuffled_for_both() -> None:
    model = build(preset("tutorial"), (32, 32, 3), 10, seed=2)
    images = random_images((32, 32, 3))
    made = round_trip.round_trip(model, predictor(model, 3), images, 3)
    assert made.largest <= 1e-6
    assert np.abs(made.after - predictor(model)(images)).max() > 1e-4


def test_a_full_disk_gets_a_sentence_and_no_file_is_left(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(round_trip.tempfile, "tempdir", str(tmp_path))
    model = build(preset("tutorial"), (32, 32, 3), 10, seed=2)
    images, predict = random_images((32, 32, 3)), predictor(model)
    round_trip.round_trip(model, predict, images)
    assert list(tmp_path.iterdir()) == []

    def no_room(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keras.Model, "save", no_room)
    with pytest.raises(ModelError, match=r"No space left on device.*Make room"):
        round_trip.round_trip(model, predict, images)
    assert list(tmp_path.iterdir()) == []
