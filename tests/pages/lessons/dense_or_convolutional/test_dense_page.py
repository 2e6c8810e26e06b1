"""Dense or convolutional?, opened cold; its code runs."""

import io
import re
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.analysis.evaluation.shifts import mirror_images, shift_images
from cnn.keras_code.shifts import shifts_code
from cnn.model.build import build
from cnn.model.pixel_permutation import permute_pixels, pixel_permutation
from cnn.model.presets import preset
from cnn.pretrained import comparison_results
from tests.pages.opening import open_page, texts


def code(at: AppTest) -> str:
    return str(at.get("code")[0].value)


def test_it_opens_on_an_object_to_drag_and_says_what_was_measured() -> None:
    at = open_page("dense_or_convolutional.py")
    found = comparison_results.measured()["left_right"]["networks"]
    table = at.table[0].value
    for (name, each), said in zip(found.items(), table["on the right, never seen"], strict=True):
        share = 100 * each["test"]["correct"] / each["test"]["count"]
        assert abs(float(said.split("\u00a0")[0]) - share) <= 0.5, name
    assert "measured on the right: " in texts(at)
    at.selectbox(key="dense.kind").set_value("moon").run()
    assert not at.exception
    assert 'tfds.load("shapes/left_right"' in code(at)


def test_real_photos_are_moved_mirrored_and_shuffled() -> None:
    at = open_page("dense_or_convolutional.py")
    at.selectbox(key="dense.view").set_value("photos").run()
    assert "Moved to the right by 4 pixels: the dense network" in texts(at)
    assert list(at.table[0].value.columns) == ["as they are", "mirrored", "learned and tested on shuffled pixels"]
    assert not at.exception


def test_one_unit_of_every_layer_shows_what_it_sees() -> None:
    at = open_page("dense_or_convolutional.py")
    at.selectbox(key="dense.view").set_value("units").run()
    shown = "".join(element.proto.body for element in at.get("html"))
    assert re.findall(r"(\d) · \w+: (\d+) × (\d+)<", shown) == [
        ("1", "3", "3"),
        ("2", "4", "4"),
        ("3", "8", "8"),
        ("4", "10", "10"),
        ("5", "18", "18"),
    ]
    assert not at.exception


def test_the_code_of_the_changes_makes_the_images_that_were_measured(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), np.uint8)
    labels = np.arange(40) % 10
    model = build(preset("tutorial"), (32, 32, 3), 10)
    model.save(tmp_path / "my_network.keras")
    monkeypatch.chdir(tmp_path)
    tfds = SimpleNamespace(load=lambda name, **more: (images, labels), as_numpy=lambda data: data)
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", tfds)
    made: dict = {}
    exec(shifts_code(4, comparison_results.SEED), made)
    changed = made["changed"]
    np.testing.assert_array_equal(changed["moved by 4 pixels"], shift_images(images, 4))
    np.testing.assert_array_equal(changed["mirrored"], mirror_images(images))
    order = pixel_permutation((32, 32, 3), comparison_results.SEED)
    np.testing.assert_array_equal(changed["shuffled"], permute_pixels(images, order))
    said = io.StringIO(capsys.readouterr().out).read()
    for name, given in changed.items():
        right = 100 * np.mean(np.asarray(keras.ops.argmax(model(given), axis=1)) == labels)
        assert f"{name}: {right:.1f} % right" in said
