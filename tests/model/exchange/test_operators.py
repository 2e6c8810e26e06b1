"""Arithmetic that is written as operators between layers, by Keras 2 and 3: taken as layers, or named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest

from cnn.errors import ModelError
from cnn.model.exchange.keras_description import flatten
from tests.model.exchange.foreign_models import randomise, saved
from tests.model.exchange.test_foreign import FORMATS, assert_same_answer


def keras_of(version: int) -> Any:
    return keras if version == 3 else pytest.importorskip("tf_keras", reason="tf_keras is not installed")


def operator_network(k: Any) -> Any:
    """As Keras' guides write it: pixels scaled by operators, and branches that are put together by them."""
    inputs = k.Input((12, 16, 3))
    x = k.applications.mobilenet_v2.preprocess_input(inputs)
    x = k.layers.Conv2D(6, 3, padding="same")(x)
    y = (2.0 - k.layers.ReLU(6.0)(x + 3.0) * (1 / 6)) * x
    x = 0.5 * (y + k.layers.Conv2D(6, 3, padding="same")(y) - x) + 1
    return randomise(k.Model(inputs, k.layers.Dense(3)(k.layers.GlobalAveragePooling2D()(x / 2))))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("version", [2, 3])
def test_operators_between_layers_become_layers(tmp_path: Path, form: str, version: int) -> None:
    original = operator_network(keras_of(version))
    path = saved(original, tmp_path / f"operators.{form}")
    understood = assert_same_answer(path, original, "0..255", lambda x: x)
    kinds = [layer.kind for layer in understood.layers]
    assert kinds[:3] == ["Rescaling", "Rescaling", "Conv2D"]
    assert [kinds.count(kind) for kind in ("Add", "Subtract", "Multiply")] == [1, 1, 1]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    ("operate", "name"),
    [
        (lambda x: x**2, "Power|math.pow"),
        (lambda x: 1 / x, "TrueDivide|math.truediv"),
        (lambda x: x / (x + 1), "TrueDivide|math.truediv"),
        (lambda x: -x, "Negative|math.negative"),
    ],
)
def test_another_operation_is_named(version: int, operate: Callable[[Any], Any], name: str) -> None:
    k = keras_of(version)
    inputs = k.Input((8, 8, 3))
    network = k.Model(inputs, k.layers.Dense(2)(k.layers.Flatten()(operate(inputs))))
    with pytest.raises(ModelError, match=f"has the operation “({name})” between its layers"):
        flatten(json.loads(network.to_json()), "“mine.keras”")


def test_a_damaged_operator_is_called_damaged() -> None:
    network = json.loads(operator_network(keras).to_json())
    entry = next(layer for layer in network["config"]["layers"] if layer["class_name"] == "TrueDivide")
    for args in ([], [entry["inbound_nodes"][0]["args"][0], 0], None):
        entry["inbound_nodes"][0]["args"] = args
        with pytest.raises(ModelError, match=r"“mine\.keras”"):
            flatten(network, "“mine.keras”")
