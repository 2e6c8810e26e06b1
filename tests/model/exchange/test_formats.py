"""Exported models agree with the original."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cnn.errors import ModelError
from cnn.model import store
from cnn.model.exchange import formats, package
from cnn.model.predict import predictor
from cnn.progress import Stopped
from tests.model.exchange.model_files import save_cats_and_dogs_model, save_run_model

QUIET: tuple[Callable, Callable] = (lambda event: None, lambda: False)


def test_every_format_agrees_with_the_original_on_test_images(digits: Path) -> None:
    card = store.card("digits-tutorial")
    events: list[dict] = []
    for name in formats.FORMATS:
        assert formats.export_result(card, name) is None
        result = formats.export(card, name, events.append, lambda: False)
        assert result == formats.export_result(card, name)
        assert (result.images, result.count) == ("test images", 360)
        assert result.same >= 0.99 * result.count
        assert result.largest < (0.1 if name == "quantised" else 1e-5)
        assert result.bytes == formats.export_file(card, name).stat().st_size
    assert (
        formats.export_file(card, "quantised").stat().st_size < 0.4 * formats.export_file(card, "tflite").stat().st_size
    )
    assert events[-1]["done"] == events[-1]["total"] == 360


def test_kept_file_is_the_one_that_was_compared(digits: Path) -> None:
    import tensorflow as tf

    from cnn.data import catalog

    card = store.card("digits-tutorial")
    formats.export(card, "quantised", *QUIET)
    interpreter = tf.lite.Interpreter(str(formats.export_file(card, "quantised")))
    interpreter.allocate_tensors()
    images = catalog.load("digits", "test").take(np.arange(50))
    predicted = predictor(store.load_file(card))(images).argmax(axis=1)
    for image, class_index in zip(images, predicted, strict=True):
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image[None])
        interpreter.invoke()
        assert interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).argmax() == class_index


def test_the_saved_model_that_was_taken_away_is_taken_in(digits: Path) -> None:
    card = store.card("digits-tutorial")
    formats.export(card, "saved-model", *QUIET)
    with formats.export_file(card, "saved-model").open("rb") as file:
        taken_in = package.unpack(file, "SavedModel.zip", 2**30)
        names = zipfile.ZipFile(taken_in).namelist()
    assert {"config.json", "model.weights.h5"} <= set(names)


def test_one_logit_is_compared_as_two_class_probabilities(prepared_data: Path) -> None:
    card = save_cats_and_dogs_model()
    result = formats.export(card, "tflite", *QUIET)
    assert result.images.startswith("images of pure noise")  # its data set is not prepared here
    assert result.same == result.count
    assert result.largest < 1e-4
    assert formats.export_file(card, "tflite").parent == card.folder / "exports"


def test_mixed_precision_model_is_converted_to_tflite(digits: Path) -> None:
    from cnn.model.build import build
    from cnn.model.presets import preset

    model = build(preset("tutorial", (32, 32, 1)), (32, 32, 1), 10, dtype="mixed_bfloat16")
    trained = store.load("digits-tutorial")
    model.set_weights(trained.get_weights())
    card = save_run_model("mixed", "digits", model, list(store.card("digits-tutorial").class_names))
    result = formats.export(card, "tflite", *QUIET)
    assert result.same >= 0.99 * result.count
    assert result.largest > 1e-5  # the original rounds to bfloat16, the export does not


def test_stopped_export_keeps_nothing(digits: Path) -> None:
    card = store.card("digits-tutorial")
    with pytest.raises(Stopped):
        formats.export(card, "tflite", lambda event: None, lambda: True)
    assert formats.export_result(card, "tflite") is None
    assert not formats.export_file(card, "tflite").exists()


def test_export_of_an_earlier_training_does_not_count(digits: Path) -> None:
    original = store.card("digits-tutorial")
    card = save_run_model("run", "digits", store.load_file(original), list(original.class_names))
    formats.export(card, "tflite", *QUIET)
    value = json.loads((card.folder / "card.json").read_text())
    (card.folder / "card.json").write_text(json.dumps(value | {"created": 2}))
    assert formats.export_result(store.card("run"), "tflite") is None


def test_unknown_format_or_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Choose one of: tflite"):
        formats.run_job(tmp_path, {"model": "digits-tutorial", "form": "onnx"}, *QUIET)
    with pytest.raises(ModelError, match="There is no model"):
        formats.run_job(tmp_path, {"model": "gone", "form": "tflite"}, *QUIET)
