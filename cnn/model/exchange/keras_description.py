"""Descriptions of networks by any Keras, 2 or 3, Sequential or functional, nested or not, as one flat list of layers.

Nothing here imports Keras or makes objects from names: a description is JSON, and what comes out are names of layers
from ``keras_layers.LAYERS`` with plain settings. Parts within parts are unpacked, because maps and explanations need
every layer; a layer that is used several times stands several times, with the same weights.

Source: ``get_config`` of ``keras.Model`` in Keras 2.15 and 3.15; the paths of weights in
``keras.src.saving.saving_lib`` (``_save_container_state``).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cnn.data.image_decoding import shown_name
from cnn.errors import ModelError
from cnn.model.exchange.flat_network import IMAGE, FlatLayer, FlatNetwork, without_probabilities
from cnn.model.exchange.keras_layers import LAYERS, TRAINING_ONLY, check_kind, clean_settings, refuse_kind
from cnn.model.exchange.keras_operators import operator_as_layer

MAX_SIDE = 512
MAX_LAYERS = 2000

_MODELS = ("Functional", "Model", "Sequential")
_MAX_DEPTH = 8


@dataclass
class _Flattening:
    """What is known so far."""

    network: str
    layers: list[FlatLayer] = field(default_factory=list)
    names: set[str] = field(default_factory=lambda: {"image", "rescaling"})
    left_out: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)

    def add(self, entry: dict[str, Any], inputs: tuple[int, ...], path: tuple[str, ...], store: str) -> int:
        """Append a call of a layer; gives the number of its output."""
        if len(self.layers) >= MAX_LAYERS:
            raise ModelError(f"{self.network} has more than {MAX_LAYERS:,} layers, the most that can be taken.")
        stem = re.sub(r"[^A-Za-z0-9_.-]", "_", path[-1])[:60] or "layer"
        name, number = stem, 1
        while name in self.names:
            number += 1
            name = f"{stem}_{number}"
        self.names.add(name)
        kind = str(entry["class_name"])
        settings = clean_settings(kind, entry["config"], self.network)
        self.layers.append(FlatLayer(name, kind, settings, inputs, path, store))
        return len(self.layers)


def flatten(config: Any, network: str) -> FlatNetwork:
    """The flat network of a description.

    Args:
        config: parsed JSON: ``config.json`` of a ``.keras`` file, or ``model_config`` of an HDF5 file.
        network: name of the file, in quotation marks, for messages.

    Raises:
        ModelError: a layer that is not Keras' own or not listed, several inputs or answers, an unknown or too large
            size of image, or a damaged description.
    """
    try:
        return _flatten(config, network)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError, OverflowError) as error:
        raise ModelError(f"The description of the layers in {network} is damaged or was changed: refused.") from error


def _flatten(config: Any, network: str) -> FlatNetwork:
    if not isinstance(config, dict) or config.get("class_name") not in _MODELS:
        kind = str(config.get("class_name")) if isinstance(config, dict) else "something else"
        raise ModelError(
            f"{network} is not a Sequential or functional network but “{shown_name(kind)}”, which may run code of its "
            "own: refused."
        )
    check_kind(config, network)
    flattening = _Flattening(network)
    shape = _input_shape(config, network)
    output = _flatten_model(config, IMAGE, (), "", flattening)
    layers, output, ending = without_probabilities(flattening.layers, output, network)
    settings = config["config"]
    name = settings.get("name", "") if isinstance(settings, dict) else ""
    left_out, repeated = tuple(sorted(flattening.left_out)), tuple(sorted(flattening.repeated))
    return FlatNetwork(shown_name(str(name)), shape, tuple(layers), output, ending, left_out, repeated)


def _entries(model: dict[str, Any]) -> list[dict[str, Any]]:
    """The layers of a model; Keras 2.2 wrote a Sequential's as a bare list."""
    settings = model["config"]
    return list(settings if isinstance(settings, list) else settings["layers"])


def _input_shape(model: dict[str, Any], network: str) -> tuple[int, int, int]:
    shape = next(_batch_shapes(model), None)
    sides = list(shape[1:]) if isinstance(shape, list | tuple) else []
    if len(sides) != 3 or sides[2] not in (1, 3):
        got = " x ".join(map(str, sides)) or "no size"
        raise ModelError(
            f"{network} takes inputs of {shown_name(got)}, and images of height x width x 1 (grey) or 3 (RGB) are "
            "expected."
        )
    if not all(isinstance(side, int) and 1 <= side <= MAX_SIDE for side in sides):
        raise ModelError(
            f"{network} takes images of {shown_name(' x '.join(map(str, sides)))}, and a fixed size of at most "
            f"{MAX_SIDE} x {MAX_SIDE} is expected; give its input a size in Keras, and save it anew."
        )
    return sides[0], sides[1], sides[2]


def _batch_shapes(model: dict[str, Any]) -> Iterator[Any]:
    """Candidates for the size of the input, the likeliest first."""
    settings = model["config"]
    entries = _entries(model)
    if model["class_name"] != "Sequential":
        names = {str(reference[0]) for reference in _references(settings["input_layers"])}
        entries = [entry for entry in entries if _name(entry) in names]
    for entry in entries[:1]:
        inner = entry["config"]
        if entry.get("class_name") in _MODELS:
            yield from _batch_shapes(entry)
        elif isinstance(inner, dict):
            yield from (inner[key] for key in ("batch_shape", "batch_input_shape") if inner.get(key))
    if isinstance(settings, dict) and settings.get("build_input_shape"):
        yield settings["build_input_shape"]
    build = model.get("build_config")
    if isinstance(build, dict) and isinstance(build.get("input_shape"), list):
        yield build["input_shape"]


def _flatten_model(
    model: dict[str, Any], image: int, path: tuple[str, ...], store: str, flattening: _Flattening
) -> int:
    """Append a model's layers; gives the number of its answer.

    Args:
        image: number of the tensor that it gets.
        path: of the model itself, () for the outermost.
        store: path of the model in a weights file, "" or ending in "/".
    """
    if len(path) > _MAX_DEPTH:
        raise ModelError(f"{flattening.network} has parts within parts, more than {_MAX_DEPTH} deep: refused.")
    entries = [operator_as_layer(entry, flattening.network) for entry in _entries(model)]
    stores = dict(zip(map(id, entries), _store_paths(entries, model, store), strict=True))
    if model["class_name"] == "Sequential":
        tensor = image
        for entry in entries:
            tensor = _call(entry, (tensor,), path, stores[id(entry)], flattening)
        return tensor
    settings = model["config"]
    inputs, outputs = _references(settings["input_layers"]), _references(settings["output_layers"])
    if len(inputs) != 1 or len(outputs) != 1:
        raise ModelError(
            f"{flattening.network} has {len(inputs)} inputs and {len(outputs)} answers, and one image in and one "
            "answer out are expected."
        )
    tensors: dict[str, list[int]] = {str(inputs[0][0]): [image]}
    calls = [(entry, _calls(entry, flattening)) for entry in entries if _name(entry) not in tensors]
    counts = {_name(entry): len(its_calls) for entry, its_calls in calls}

    def made_by(source: str, call: int) -> int | None:
        made = tensors.get(source, [])
        position = call if counts.get(source, 1) > 1 else 0  # a part's only call is counted from 1 by Keras 2
        return made[position] if position < len(made) else None

    # Layers need not be listed after those that they follow, and one that is used again can follow itself.
    left = sum(counts.values())
    while left:
        before = left
        for entry, its_calls in calls:
            made = tensors.setdefault(_name(entry), [])
            while len(made) < len(its_calls):
                sources = [made_by(*source) for source in its_calls[len(made)]]
                if None in sources or not sources:
                    break
                ready = tuple(source for source in sources if source is not None)
                made.append(_call(entry, ready, path, stores[id(entry)], flattening))
                left -= 1
        if left == before:
            raise ValueError("loops, or layers that do not exist")
    answer = made_by(*outputs[0])
    if answer is None:
        raise ValueError("an answer that no layer makes")
    return answer


def _calls(entry: dict[str, Any], flattening: _Flattening) -> list[list[tuple[str, int]]]:
    """The inputs of each call of a layer."""
    calls = [_references(node) for node in entry["inbound_nodes"]]
    if len(calls) > 1:
        name = shown_name(_name(entry))
        if entry["class_name"] in _MODELS:
            raise ModelError(
                f"{flattening.network} uses its part “{name}” {len(calls)} times, and once is expected; use the layers "
                "themselves instead, and save it anew."
            )
        flattening.repeated.add(name)
    return calls


def _call(
    entry: dict[str, Any], inputs: tuple[int, ...], path: tuple[str, ...], store: str, flattening: _Flattening
) -> int:
    """Append one call of a layer or of a model within the model; gives the number of its output."""
    kind = check_kind(entry, flattening.network)
    path = (*path, _name(entry))
    if kind in _MODELS:
        (image,) = inputs
        return _flatten_model(entry, image, path, f"{store}/", flattening)
    if kind == "InputLayer":
        return inputs[0]
    if kind in TRAINING_ONLY:
        flattening.left_out.add(kind)
        return inputs[0]
    if kind not in LAYERS:
        raise refuse_kind(kind, flattening.network)
    return flattening.add(entry, inputs, path, store)


def _name(entry: dict[str, Any]) -> str:
    settings = entry["config"]
    name = entry.get("name") or (settings.get("name") if isinstance(settings, dict) else None)
    return str(name or entry["class_name"])


def _references(value: Any) -> list[tuple[str, int]]:
    """The (layer, call) of every tensor in a node of either version, in order."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            layer, call, _ = value["config"]["keras_history"]
            return [(str(layer), int(call))]
        return [reference for part in value.values() for reference in _references(part)]
    if isinstance(value, list):
        if len(value) in (3, 4) and isinstance(value[0], str) and all(isinstance(n, int) for n in value[1:3]):
            if len(value) == 4 and _references(value[3]):
                raise ValueError("a tensor among the options of a call")
            return [(value[0], value[1])]
        return [reference for part in value for reference in _references(part)]
    return []


def _store_paths(entries: list[dict[str, Any]], model: dict[str, Any], store: str) -> list[str]:
    """Where each layer's weights are in a ``.weights.h5`` file: by class name, numbered where a class is used again."""
    used: dict[str, int] = {}
    paths = []
    for entry in entries:
        kind = str(entry["class_name"])
        name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
        name = re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
        count = used.get(name, 0)
        used[name] = count + 1
        paths.append(f"{store}layers/{name}_{count}" if count else f"{store}layers/{name}")
    return paths
