"""Arithmetic that was written as operators between layers, such as ``x / 127.5 - 1``: as the layers that do the same.

Keras 3 describes an operator as an operation (class ``TrueDivide`` in ``keras.src.ops.numpy``), Keras 2 as a layer
``TFOpLambda`` with the name of a function of TensorFlow ("math.truediv"). Neither is looked up or called here.

Source: ``keras.src.models.functional.Functional.get_config`` of Keras 3.15; ``keras.src.engine.node`` of Keras 2.15.
"""

from typing import Any

from cnn.data.image_decoding import shown_name
from cnn.errors import ModelError

_FUNCTIONS = {
    "__operators__.add": "Add",
    "math.add": "Add",
    "math.subtract": "Subtract",
    "math.multiply": "Multiply",
    "math.truediv": "TrueDivide",
    "math.divide": "TrueDivide",
}
_LAYERS = ("Add", "Subtract", "Multiply")  # of two tensors
_CONSTANT = "_CONSTANT_VALUE"  # stands for a layer's name where Keras 2 has a number on the left


def operator_as_layer(entry: dict[str, Any], network: str) -> dict[str, Any]:
    """The entry of a description; one of an operator becomes that of a layer ``Rescaling``, ``Add`` or the like.

    Args:
        entry: a layer's or an operation's, as either version writes it.
        network: name of the file, in quotation marks, for messages.

    Raises:
        ModelError: an operation that is none of + - * /, or not with a number or, but for /, a tensor.
        ValueError, KeyError, TypeError, IndexError: the entry is damaged.
    """
    kind = entry.get("class_name")
    if kind == "TFOpLambda":
        name = str(entry["config"]["function"])
        operator, operands = _FUNCTIONS.get(name), _operands_of_keras_2
    elif _is_operation_of_keras_3(entry):
        name = str(kind)
        operator = "TrueDivide" if name == "Divide" else name if name in _FUNCTIONS.values() else None
        operands = _operands_of_keras_3
    else:
        return entry
    values = operands(entry) if operator is not None else []
    numbers = [value for value in values if isinstance(value, float)]
    layer = {"name": entry.get("name"), "inbound_nodes": [[value for value in values if not isinstance(value, float)]]}
    if operator in _LAYERS and len(values) == 2 and not numbers:
        return {**layer, "class_name": operator, "config": {}}
    if operator is None or len(values) != 2 or len(numbers) != 1 or (operator == "TrueDivide" and values[0] in numbers):
        raise ModelError(
            f"{network} has the operation “{shown_name(name)}” between its layers, and of operations only + - * and / "
            "with a number, or + - * of two layers, can be taken; use a layer of Keras instead, and save it anew."
        )
    scale, offset = _scale_and_offset(operator, numbers[0], number_first=isinstance(values[0], float))
    return {**layer, "class_name": "Rescaling", "config": {"scale": scale, "offset": offset}}


def _is_operation_of_keras_3(entry: dict[str, Any]) -> bool:
    """An HDF5 file names no modules; there only layers have the settings that every layer has."""
    module, nodes = entry.get("module"), entry.get("inbound_nodes")
    if module is not None:
        return isinstance(module, str) and module.startswith("keras.src.ops.")
    return isinstance(nodes, list) and isinstance(next(iter(nodes), None), dict) and "trainable" not in entry["config"]


def _scale_and_offset(operator: str, number: float, *, number_first: bool) -> tuple[float, float]:
    match operator:
        case "Add":
            return 1.0, number
        case "Subtract":
            return (-1.0, number) if number_first else (1.0, -number)
        case "Multiply":
            return number, 0.0
    if number == 0:
        raise ValueError("divided by zero")
    return 1.0 / number, 0.0


def _operands_of_keras_3(entry: dict[str, Any]) -> list[Any]:
    """The operands in order: a number as a float, a tensor as its reference."""
    (node,) = entry["inbound_nodes"]
    if node["kwargs"]:
        raise ValueError("options of an operator")
    return [_operand(value) for value in node["args"]]


def _operands_of_keras_2(entry: dict[str, Any]) -> list[Any]:
    """As ``_operands_of_keras_3``."""
    (node,) = entry["inbound_nodes"]
    layer, call, output, options = node[0] if isinstance(node[0], list) else node
    second = options["y"]
    first = _operand(output) if layer == _CONSTANT else [layer, call, output, {}]
    return [first, [*second[:3], {}] if isinstance(second, list) else _operand(second)]


def _operand(value: Any) -> Any:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
