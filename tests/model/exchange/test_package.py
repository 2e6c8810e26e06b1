"""The exported prediction script predicts as the app does, on a computer without this project."""

import ast
import dataclasses
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image, ImageOps
from scipy.special import softmax

from cnn.data.image_decoding import decode
from cnn.errors import ModelError
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.exchange import package
from cnn.model.predict import answer_photo, predictor
from cnn.requests import models as model_requests
from cnn.training.config import recipe
from tests.model.exchange.foreign_models import randomise
from tests.model.exchange.model_files import save_cats_and_dogs_model, save_run_model


def photo(kind: str) -> bytes:
    """An image file: a JPEG rotated by EXIF ("phone"), or a PNG that is "transparent" or "grey"."""
    rng = np.random.default_rng(5)
    file = io.BytesIO()
    smooth = Image.fromarray(rng.integers(0, 256, (6, 8, 4 if kind == "transparent" else 3), dtype=np.uint8))
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


def predict_with_script(card: store.Card, data: bytes, folder: Path) -> tuple[list[str], np.ndarray]:
    """(class names, probabilities) from the script in the zip, run by a Python that cannot import this project."""
    with zipfile.ZipFile(io.BytesIO(package.package(card))) as archive:
        archive.extractall(folder)
    (folder / "photo").write_bytes(data)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CNN_", "PYTHON"))}
    finished = subprocess.run(
        [sys.executable, "-I", str(folder / "predict.py"), str(folder / "photo")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    lines = [line.split(" ", 1) for line in finished.stdout.splitlines()]
    return [name for _, name in lines], np.array([float(probability) for probability, _ in lines])


def predict_with_app(card: store.Card, data: bytes) -> np.ndarray:
    return answer_photo(predictor(store.load_file(card), card.pixel_seed), card, decode(data, "photo")).probabilities


@pytest.mark.parametrize(("id", "kind"), [("cifar10-resnet", "phone"), ("digits-tutorial", "grey")])
def test_script_predicts_what_the_app_predicts(id: str, kind: str, tmp_path: Path) -> None:
    card, data = store.card(id), photo(kind)
    names, by_script = predict_with_script(card, data, tmp_path)
    assert names == list(card.class_names)
    assert np.abs(by_script - predict_with_app(card, data)).max() < 1e-5


def test_script_of_a_transfer_model_predicts_what_the_app_predicts(prepared_data: Path, tmp_path: Path) -> None:
    card, data = save_cats_and_dogs_model(), photo("transparent")
    names, by_script = predict_with_script(card, data, tmp_path)
    by_app = predict_with_app(card, data)
    assert names == ["cat", "dog"]
    assert np.abs(by_script - by_app).max() < 1e-5
    assert 0.001 < by_app[0] < 0.999  # otherwise both could be saturated and the comparison would be empty


def test_script_permutes_pixels_as_the_app_does(tmp_path: Path) -> None:
    original = store.card("digits-tutorial")
    card = save_run_model("shuffled", "digits", store.load_file(original), list(original.class_names), pixel_seed=3)
    data = photo("phone")
    _, by_script = predict_with_script(card, data, tmp_path)
    assert np.abs(by_script - predict_with_app(card, data)).max() < 1e-5
    assert np.abs(by_script - predict_with_app(original, data)).max() > 1e-3


@pytest.mark.parametrize(("shape", "pixel_seed"), [((20, 44, 3), None), ((44, 20, 1), 3)])
def test_script_of_an_oblong_network_predicts_what_the_app_predicts(
    shape: tuple[int, int, int], pixel_seed: int | None, tmp_path: Path
) -> None:
    """An image that is wider or higher than the network's, and a dense layer, to which each pixel's place matters."""
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.Flatten()]
    network = randomise(keras.Sequential([keras.Input(shape, dtype="uint8"), *layers, keras.layers.Dense(3)]))
    card = save_run_model("oblong", "digits", network, ["a", "b", "c"], pixel_seed=pixel_seed)
    data = photo("phone")
    _, by_script = predict_with_script(card, data, tmp_path)
    by_app = predict_with_app(card, data)
    np.testing.assert_allclose(by_script, by_app, atol=1e-5)
    assert 0.001 < by_app.min() < by_app.max() < 0.999
    # The middle of the photo, which stands upright at 151 x 203, cut out and scaled independently of the app.
    with Image.open(io.BytesIO(data)) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    height, width, channels = shape
    assert upright.size == (151, 203)
    box_width, box_height = (151, round(151 * height / width)) if height < width else (round(203 * width / height), 203)
    left, top = (151 - box_width) // 2, (203 - box_height) // 2
    middle = upright.crop((left, top, left + box_width, top + box_height)).convert("L" if channels == 1 else "RGB")
    seen = np.asarray(middle.resize((width, height), Image.Resampling.BILINEAR)).reshape(shape)
    if pixel_seed is not None:
        order = np.random.default_rng([pixel_seed, 2]).permutation(height * width)
        seen = seen.reshape(-1, channels)[order].reshape(shape)
    expected = softmax(np.asarray(network(seen[None])), axis=1)[0]
    np.testing.assert_allclose(by_script, expected, atol=1e-5)


def test_script_is_short_and_imports_only_tensorflow_numpy_and_pillow() -> None:
    script = package.predict_script(store.card("cifar10-resnet"))
    imports = [line for line in script.splitlines() if line.startswith(("import", "from"))]
    assert imports == [
        "import pathlib, sys",
        "import numpy as np",
        "import tensorflow as tf",
        "from PIL import Image, ImageOps",
    ]
    _, *statements = ast.parse(script).body
    assert len(statements) - len(imports) == 7
    assert max(map(len, script.splitlines())) <= 110


def test_any_class_name_is_written_correctly_into_the_script() -> None:
    names = ["it's {odd}", 'Äpfel, "süß" \\', "a name of quite some length " * 4, *(f"class {n}" for n in range(7))]
    script = package.predict_script(dataclasses.replace(store.card("cifar10-resnet"), class_names=tuple(names)))
    names_statement = next(
        statement for statement in ast.parse(script).body if ast.unparse(statement).startswith("names = ")
    )
    assert isinstance(names_statement, ast.Assign)
    assert ast.literal_eval(names_statement.value) == names


def zip_of(**members: bytes) -> io.BytesIO:
    """A zip of files, whose names have "__" for the dot."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return file


CONFIG = recipe("digits", "tutorial").to_dict()


def test_the_zip_that_was_taken_away_is_taken_in_with_classes_and_order_of_pixels(cnn_home: Path) -> None:
    keras_model = store.load("digits-tutorial")
    card = save_run_model(
        "shuffled-0000000000000", "digits", keras_model, list("0123456789"), pixel_seed=7, config=CONFIG
    )
    job = queue.read(model_requests.import_model(io.BytesIO(package.package(card)), "mine (1).zip", "m" * 22))
    assert job.kind == model_requests.IMPORT
    assert run_job(str(home()), job.id) == "finished"
    taken_in = store.card(job.id)
    assert (taken_in.class_names, taken_in.pixel_seed) == (card.class_names, 7)
    images = np.random.default_rng(0).integers(0, 256, (4, *card.input_shape), dtype=np.uint8)
    before, after = (predictor(store.load_file(one), one.pixel_seed)(images) for one in (card, taken_in))
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_other_files_are_judged_as_they_are() -> None:
    for data in (b"Dear all", zip_of(notes__txt=b"no model").getvalue(), b""):
        file = io.BytesIO(data)
        assert package.unpack(file, "mine", 100) is file


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (zip_of(a__keras=b"1", b__keras=b"2"), "“mine.zip” holds 2 models"),
        (zip_of(a__keras=b"1" * 2**20 * 3), "has 3 MB, and at most 2 MB"),
        (io.BytesIO(b"\x1c\0\0\0TFL3 and more"), "“mine.zip” is a TFLite file.* bring the .keras file or the zip"),
        (zip_of(saved_model__pb=b"1"), "“mine.zip” is a TensorFlow SavedModel.* is expected: .*model.save"),
        (io.BytesIO(zip_of(a__keras=b"1234").getvalue().replace(b"1234", b"1235")), "cut off or damaged"),
    ],
)
def test_a_zip_without_one_whole_model_is_refused_with_a_sentence(file: io.BytesIO, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        package.unpack(file, "mine.zip", 2 * 2**20)
