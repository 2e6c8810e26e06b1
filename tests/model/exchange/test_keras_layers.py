"""The layers that networks from elsewhere may have, one by one."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.activations.number_origin import number_origin
from cnn.analysis.activations.receptive_field import cell_borders, receptive_field
from cnn.model.exchange.keras_layers import TRAINING_ONLY
from tests.model.exchange.files.write_files import AUGMENTATION
from tests.model.exchange.foreign_models import images, randomise, saved
from tests.model.exchange.test_foreign import FORMATS, assert_same_answer, rebuild

OF_KERAS_2 = ("RandomHeight", "RandomWidth")
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    **AUGMENTATION,
    **dict.fromkeys(("AlphaDropout", "GaussianDropout", "GaussianNoise", "SpatialDropout2D"), (0.5,)),
    "RandomShear": (0.5, 0.5),
}


@pytest.mark.parametrize("kind", [kind for kind in TRAINING_ONLY if kind not in OF_KERAS_2])
def test_a_layer_that_is_left_out_changes_nothing_when_a_network_answers(kind: str) -> None:
    batch = images((12, 16, 3)).astype(np.float32)
    layer = getattr(keras.layers, kind)(*ARGUMENTS.get(kind, ()))
    np.testing.assert_allclose(np.asarray(layer(batch, training=False)), batch, atol=1e-4)


def test_layers_that_vary_images_and_are_not_listed_matter_when_a_network_answers() -> None:
    names = [name for name in dir(keras.layers) if name.startswith(("Rand", "Aug", "Auto", "Mix", "Cut", "Solar"))]
    assert {name for name in names if name not in TRAINING_ONLY} == {"AutoContrast", "RandomCrop"}
    batch = images((12, 16, 3)).astype(np.float32)
    assert np.abs(np.asarray(keras.layers.AutoContrast()(batch, training=False)) - batch).max() > 100
    assert keras.layers.RandomCrop(8, 8).compute_output_shape(batch.shape) == (3, 8, 8, 3)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("version", [2, 3])
def test_a_mean_and_a_variance_that_were_given_are_taken(tmp_path: Path, version: int, form: str) -> None:
    k = keras if version == 3 else pytest.importorskip("tf_keras", reason="tf_keras is not installed")
    normalisation = k.layers.Normalization(mean=[120.0, 110.0, 100.0], variance=[3000.0, 2500.0, 3600.0])
    layers = [normalisation, k.layers.Conv2D(3, 3), k.layers.GlobalAveragePooling2D(), k.layers.Dense(2)]
    network = randomise(k.Sequential([k.Input((10, 12, 3)), *layers]))
    assert_same_answer(saved(network, tmp_path / f"given.{form}"), network, "0..255", lambda x: x)


def test_a_cropped_layer_is_followed_to_the_pixels(tmp_path: Path) -> None:
    crop = keras.layers.Cropping2D(((1, 2), (3, 0)), name="cropped")
    layers = [keras.layers.Conv2D(2, 3), crop, keras.layers.Conv2D(2, 3, name="after")]
    end = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)]
    network = randomise(keras.Sequential([keras.Input((14, 16, 3)), *layers, *end]))
    model, _ = rebuild(saved(network, tmp_path / "cropped.keras"))
    batch = images((14, 16, 3), 1)
    outputs = layer_outputs(model)(batch)
    origin = number_origin(model, outputs, "cropped", (2, 4, 1))
    assert origin.result == pytest.approx(float(outputs["cropped"][0, 2, 4, 1]), rel=1e-5)
    # The pixels that change a number, when they are changed one by one.
    changed = np.repeat(batch, 14 * 16, axis=0)
    for place in range(14 * 16):
        changed[place, place // 16, place % 16] ^= 128
    numbers = layer_outputs(model)(changed)["after"][:, 1, 2, 0]
    matter = np.abs(numbers - outputs["after"][0, 1, 2, 0]).reshape(14, 16) > 1e-5
    rows, columns = (np.flatnonzero(matter.any(axis=axis)) for axis in (1, 0))
    expected = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    assert receptive_field(model, "after", 1, 2) == expected == (slice(2, 7), slice(5, 10))
    borders = cell_borders(model, "after")[0] * 14
    assert borders[1:3] == pytest.approx([4, 5])  # the cell in the middle of rows 2 to 6


def test_numbers_that_were_put_in_other_places_may_come_from_anywhere(tmp_path: Path) -> None:
    layers = [keras.layers.Conv2D(2, 3), keras.layers.Reshape((4, 16, 2), name="moved"), keras.layers.Flatten()]
    network = randomise(keras.Sequential([keras.Input((10, 10, 3)), *layers, keras.layers.Dense(2)]))
    model, _ = rebuild(saved(network, tmp_path / "moved.keras"))
    # Row 0, column 9 of the moved numbers is row 1, column 1 of the convolution's 8 x 8.
    assert receptive_field(model, "moved", 0, 9) == (slice(0, 10), slice(0, 10))
    assert cell_borders(model, "moved")[0] == pytest.approx(np.linspace(0, 1, 5))
