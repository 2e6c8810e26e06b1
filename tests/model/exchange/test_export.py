"""Models in other formats agree with the original, and what is taken away predicts as the app does."""

import ast
import dataclasses
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnn.data.image_decoding import decode
from cnn.errors import ModelError
from cnn.home import home
from cnn.model import store
from cnn.model.exchange import formats, package
from cnn.model.predict import answer_photo, predictor
from cnn.progress import Stopped

QUIET: tuple[Callable, Callable] = (lambda event: None, lambda: False)


def saved(id: str, dataset: str, model, class_names: list[str], **more: object) -> store.Card:
    """A run of this ``CNN_HOME`` that has left ``model``."""
    folder = home() / "runs" / id
    folder.mkdir(parents=True)
    model.save(folder / "model.keras")
    exam = {"correct": 8, "count": 10}
    card = {
        "dataset": dataset,
        "class_names": class_names,
        "input_shape": list(model.input_shape[1:]),
        "architecture": "tutorial",
        "parameters": model.count_params(),
        "test": exam,
        "validation": exam,
        "epochs": 1,
        "bytes": (folder / "model.keras").stat().st_size,
        "seconds": 1.0,
        "created": 1,
        "config": {},
        **more,
    }
    (folder / "config.json").write_text(json.dumps({"name": "Mine", "workspace": "w" * 22}))
    (folder / "card.json").write_text(json.dumps(card))
    return store.card(id)


def cats_and_dogs(id: str = "cats") -> store.Card:
    from cnn.model.pretrained_bases import base_model, with_head

    return saved(
        id,
        "cats_vs_dogs",
        with_head(base_model("mobilenet_v2"), 2, seed=1),
        ["cat", "dog"],
        config={"base": "mobilenet_v2"},
    )


def photo(kind: str) -> bytes:
    """A photo lying on its side, as phones save them; a picture with holes; a grey one."""
    rng = np.random.default_rng(5)
    file = io.BytesIO()
    smooth = Image.fromarray(rng.integers(0, 256, (6, 8, 4 if kind == "holes" else 3), dtype=np.uint8))
    image = smooth.resize((203, 151), Image.Resampling.BICUBIC)
    if kind == "phone":
        exif = Image.Exif()
        exif[274] = 6
        image.save(file, "JPEG", exif=exif)
    elif kind == "grey":
        image.convert("L").save(file, "PNG")
    else:
        image.save(file, "PNG")
    return file.getvalue()


def said_elsewhere(card: store.Card, data: bytes, folder: Path) -> tuple[list[str], np.ndarray]:
    """What the script says, unpacked from the zip and run by a fresh Python that cannot see this project."""
    with zipfile.ZipFile(io.BytesIO(package.package(card))) as packed:
        packed.extractall(folder)
    (folder / "photo").write_bytes(data)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CNN_", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, "-I", str(folder / "predict.py"), str(folder / "photo")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split(" ", 1) for line in done.stdout.splitlines()]
    return [name for _, name in lines], np.array([float(probability) for probability, _ in lines])


def said_here(card: store.Card, data: bytes) -> np.ndarray:
    return answer_photo(predictor(store.load_file(card), card.pixel_seed), card, decode(data, "photo")).probabilities


@pytest.mark.parametrize(("id", "kind"), [("cifar10-resnet", "phone"), ("digits-tutorial", "grey")])
def test_the_script_says_what_the_app_says(id: str, kind: str, tmp_path: Path) -> None:
    card, data = store.card(id), photo(kind)
    names, there = said_elsewhere(card, data, tmp_path)
    assert names == list(card.class_names)
    assert np.abs(there - said_here(card, data)).max() < 1e-5


def test_the_script_of_a_transfer_model_says_what_the_app_says(prepared_data: Path, tmp_path: Path) -> None:
    card, data = cats_and_dogs(), photo("holes")
    names, there = said_elsewhere(card, data, tmp_path)
    here = said_here(card, data)
    assert names == ["cat", "dog"]
    assert np.abs(there - here).max() < 1e-5
    assert 0.001 < here[0] < 0.999  # else both would say 1 whatever they see


def test_the_script_shuffles_pixels_as_the_app_does(tmp_path: Path) -> None:
    known = store.card("digits-tutorial")
    card = saved("shuffled", "digits", store.load_file(known), list(known.class_names), pixel_seed=3)
    data = photo("phone")
    _, there = said_elsewhere(card, data, tmp_path)
    assert np.abs(there - said_here(card, data)).max() < 1e-5
    assert np.abs(there - said_here(known, data)).max() > 1e-3


def test_the_script_has_ten_statements_and_imports_tensorflow_and_pillow_alone() -> None:
    script = package.predict_script(store.card("cifar10-resnet"))
    lines = [line for line in script.splitlines() if not line.startswith("#")]
    imports = [line for line in lines if line.startswith(("import", "from"))]
    assert imports == ["import pathlib, sys", "import tensorflow as tf", "from PIL import Image, ImageOps"]
    _, *statements = ast.parse(script).body
    assert len(statements) - len(imports) == 10
    assert max(map(len, script.splitlines())) <= 110


def test_names_of_any_kind_are_written_into_the_script() -> None:
    names = ["it's {odd}", 'Äpfel, "süß" \\', "a name of quite some length " * 4, *(f"class {n}" for n in range(7))]
    script = package.predict_script(dataclasses.replace(store.card("cifar10-resnet"), class_names=tuple(names)))
    written = next(line for line in ast.parse(script).body if ast.unparse(line).startswith("names = "))
    assert isinstance(written, ast.Assign)
    assert ast.literal_eval(written.value) == names


def test_every_format_agrees_with_the_original_on_real_test_images(digits: Path) -> None:
    card = store.card("digits-tutorial")
    events: list[dict] = []
    for form in formats.FORMATS:
        assert formats.export_result(card, form) is None
        made = formats.export(card, form, events.append, lambda: False)
        assert made == formats.export_result(card, form)
        assert (made.images, made.count) == ("test images", 360)
        assert made.same >= 0.99 * made.count
        assert made.largest < (0.1 if form == "quantised" else 1e-5)
        assert made.bytes == formats.export_file(card, form).stat().st_size
    assert (
        formats.export_file(card, "quantised").stat().st_size < 0.4 * formats.export_file(card, "tflite").stat().st_size
    )
    assert events[-1]["done"] == events[-1]["total"] == 360


def test_what_was_measured_is_true_of_the_file_that_is_kept(digits: Path) -> None:
    import tensorflow as tf

    from cnn.data import catalog

    card = store.card("digits-tutorial")
    formats.export(card, "quantised", *QUIET)
    interpreter = tf.lite.Interpreter(str(formats.export_file(card, "quantised")))
    interpreter.allocate_tensors()
    images = catalog.load("digits", "test").take(np.arange(50))
    answers = predictor(store.load_file(card))(images).argmax(axis=1)
    for image, answer in zip(images, answers, strict=True):
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image[None])
        interpreter.invoke()
        assert interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).argmax() == answer


def test_one_logit_is_compared_as_two_classes(prepared_data: Path) -> None:
    card = cats_and_dogs()
    made = formats.export(card, "tflite", *QUIET)
    assert made.images.startswith("images of pure noise")  # its data set is not laid out in this home
    assert made.same == made.count
    assert made.largest < 1e-4
    assert formats.export_file(card, "tflite").parent == card.folder / "exports"


def test_a_network_of_mixed_precision_becomes_tflite(digits: Path) -> None:
    from cnn.model.build import build
    from cnn.model.presets import preset

    model = build(preset("tutorial", (32, 32, 1)), (32, 32, 1), 10, dtype="mixed_bfloat16")
    trained = store.load("digits-tutorial")
    model.set_weights(trained.get_weights())
    card = saved("mixed", "digits", model, list(store.card("digits-tutorial").class_names))
    made = formats.export(card, "tflite", *QUIET)
    assert made.same >= 0.99 * made.count
    assert made.largest > 1e-5  # the original rounds to bfloat16, this one does not


def test_a_stopped_or_deleted_conversion_keeps_nothing(digits: Path) -> None:
    card = store.card("digits-tutorial")
    with pytest.raises(Stopped):
        formats.export(card, "tflite", lambda event: None, lambda: True)
    assert formats.export_result(card, "tflite") is None
    assert not formats.export_file(card, "tflite").exists()


def test_a_model_that_changed_since_is_converted_anew(digits: Path) -> None:
    known = store.card("digits-tutorial")
    names = list(known.class_names)
    card = saved("run", "digits", store.load_file(known), names)
    formats.export(card, "tflite", *QUIET)
    value = json.loads((card.folder / "card.json").read_text())
    (card.folder / "card.json").write_text(json.dumps(value | {"created": 2}))
    assert formats.export_result(store.card("run"), "tflite") is None


def test_an_unknown_format_or_model_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Choose one of: tflite"):
        formats.run_job(tmp_path, {"model": "digits-tutorial", "form": "onnx"}, *QUIET)
    with pytest.raises(ModelError, match="There is no model"):
        formats.run_job(tmp_path, {"model": "gone", "form": "tflite"}, *QUIET)
