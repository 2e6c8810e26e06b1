"""The page *Dense or convolutional?*: each of its views, and the code it generates."""

import io
import re
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.analysis.evaluation.intervals import in_brief
from cnn.analysis.evaluation.shifts import mirror_images, shift_images
from cnn.data.builtin.sample_photos import load_photo
from cnn.data.images import fit_to
from cnn.keras_code.shifts import shifts_code
from cnn.model.build import build
from cnn.model.pixel_permutation import permute_pixels, pixel_permutation
from cnn.model.presets import preset
from cnn.pretrained import comparison_results
from pages.lessons.dense_or_convolutional.shuffled_photo import ORDER
from tests.pages.on_screen import mentions, pictures
from tests.pages.opening import open_page, texts


def generated_code(at: AppTest) -> str:
    return str(at.get("code")[0].value)


def test_opens_on_an_object_to_drag_and_shows_the_measurements() -> None:
    at = open_page("dense_or_convolutional.py")
    measurements = comparison_results.measured()["left_right"]
    table = at.table[0].value
    for (name, network), shown in zip(measurements["networks"].items(), table.iloc[:, -1], strict=True):
        percent = 100 * network["test"]["correct"] / network["test"]["count"]
        assert abs(float(shown.split("\u00a0")[0]) - percent) <= 0.5, name
    for label, result in measurements["padding_and_pooling"].items():
        assert f"{label}, {100 * result['correct'] / result['count']:.0f} %" in texts(at)
    at.selectbox(key="dense.kind").set_value("moon").run()
    assert not at.exception
    assert 'tfds.load("shapes/left_right"' in generated_code(at)


def test_real_photos_are_shifted_mirrored_and_shuffled() -> None:
    at = open_page("dense_or_convolutional.py")
    at.segmented_control(key="dense.view").set_value("photos").run()
    measurements = comparison_results.measured()["cifar10"]
    networks, shifts = measurements["networks"], measurements["shifts"]
    count = networks["dense"]["test"]["count"]
    before, after = (f"{100 * networks['dense']['by_shift'][shifts.index(shift)] / count:.0f} %" for shift in (0, 4))
    assert re.search(rf"\b4\D+\b{before} → {after}", texts(at))
    assert at.table[0].value.to_numpy().tolist() == [
        [in_brief(**network["test"]), in_brief(network["mirrored"], count), in_brief(**network["shuffled"])]
        for network in networks.values()
    ]
    assert not at.exception


def test_one_activation_per_layer_shows_its_receptive_field() -> None:
    at = open_page("dense_or_convolutional.py")
    at.segmented_control(key="dense.view").set_value("units").run()
    html = "".join(element.proto.body for element in at.get("html"))
    assert re.findall(r"(\d) · \w+: (\d+) × (\d+)<", html) == [
        ("1", "3", "3"),
        ("2", "4", "4"),
        ("3", "8", "8"),
        ("4", "10", "10"),
        ("5", "18", "18"),
    ]
    assert not at.exception


def test_the_generated_code_changes_the_images_as_they_were_measured(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), np.uint8)
    labels = np.arange(40) % 10
    model = build(preset("tutorial"), (32, 32, 3), 10)
    model.save(tmp_path / "my_network.keras")
    monkeypatch.chdir(tmp_path)
    tfds = SimpleNamespace(load=lambda name, **more: (images, labels), as_numpy=lambda data: data)
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", tfds)
    names: dict = {}
    exec(shifts_code(4, comparison_results.SEED), names)
    unchanged, shifted, mirrored, shuffled = names["changed"].values()
    np.testing.assert_array_equal(unchanged, images)
    np.testing.assert_array_equal(shifted, shift_images(images, 4))
    np.testing.assert_array_equal(mirrored, mirror_images(images))
    order = pixel_permutation((32, 32, 3), comparison_results.SEED)
    np.testing.assert_array_equal(shuffled, permute_pixels(images, order))
    output = io.StringIO(capsys.readouterr().out).read()
    for name, changed in names["changed"].items():
        accuracy = 100 * np.mean(np.asarray(keras.ops.argmax(model(changed), axis=1)) == labels)
        assert f"{name}: {accuracy:.1f} %" in output


def test_a_shuffled_photo_is_guessed_before_it_is_shown() -> None:
    at = open_page("dense_or_convolutional.py", **{"dense.view": "photos"})
    (shuffled,) = pictures(at).values()
    at.segmented_control(key=f"dense.shuffled.guess.{ORDER[0]}").set_value(ORDER[0]).run()
    photo = fit_to(load_photo(ORDER[0]), (32, 32, 3))
    step = shuffled.shape[0] // 32
    order = pixel_permutation((32, 32, 3), comparison_results.SEED)
    np.testing.assert_array_equal(shuffled[::step, ::step], permute_pixels(photo[None], order)[0])
    assert len(pictures(at)) == 2
    networks = comparison_results.measured()["cifar10"]["networks"]
    numbers = [f"{network[part]['correct']:,}" for network in networks.values() for part in ("shuffled", "test")]
    assert mentions(at, "10,000", *numbers)
    at.number_input(key="dense.shuffled.photo").set_value(2).run()
    assert len(pictures(at)) == 1
