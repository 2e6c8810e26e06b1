"""Reads the weights of a network from elsewhere, from an HDF5 file of Keras 2 or 3 or from ``model.weights.h5``.

Only datasets that are in the file itself are read: HDF5 can also link to other files of this machine, and can declare
far more numbers than it holds. To be called in the separate process only, because HDF5 is a large C library.

Source: ``keras.src.legacy.saving.legacy_h5_format`` and ``keras.src.saving.saving_lib`` of Keras 3.15.
"""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.model.exchange.flat_network import FlatLayer

if TYPE_CHECKING:
    import h5py

MAX_WEIGHT_BYTES = 400 * 2**20
MAX_CONFIG_BYTES = 5 * 2**20

_MAX_OBJECTS = 50_000
_OLD_CONTAINER = "_layer_checkpoint_dependencies"
_NUMBERED = re.compile(r"(.+?)(?:_(\d+))?")


def check_hdf5(file: "h5py.File") -> None:
    """Go over everything in a file before any of it is read.

    Raises:
        ValueError: it links to other files, holds something else than groups and plain numbers, or is too large.
    """
    import h5py

    pending: list[h5py.Group] = [file]
    count = size = 0
    while pending:
        group = pending.pop()
        for name in group:
            count += 1
            if count > _MAX_OBJECTS or not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ValueError("it links to other places, or is too large")
            item = group[name]
            if isinstance(item, h5py.Group):
                pending.append(item)
                continue
            if not isinstance(item, h5py.Dataset) or item.is_virtual or item.external:
                raise ValueError("it links to other files")
            size += item.size * item.dtype.itemsize if item.size is not None else 0
            if size > MAX_WEIGHT_BYTES:
                raise ValueError("it unpacks to more than can be taken")


def read_model_config(file: "h5py.File") -> Any:
    """The parsed description of the layers in an HDF5 file of a whole model, or None if there is none.

    Raises:
        ValueError: it is damaged or too large.
    """
    text = file.attrs.get("model_config")
    if text is None:
        return None
    if len(text) > MAX_CONFIG_BYTES:
        raise ValueError("a huge description")
    return json.loads(text)


def weights_by_name(file: "h5py.File", layers: tuple[FlatLayer, ...]) -> list[list[np.ndarray]]:
    """The weights of each layer from an HDF5 file of a whole model, which has a group for each outermost layer.

    Within a group the order depends on which layers were frozen when the file was written, so weights are found by the
    names of their layers, such as "bn_Conv1/gamma:0".

    Raises:
        KeyError, ValueError: a group is missing.
    """
    groups: dict[str, dict[str, list[np.ndarray]]] = {}
    for name in _names(file["model_weights"].attrs, "layer_names"):
        group = file["model_weights"][name]
        found = groups.setdefault(name, {})
        for weight in _names(group.attrs, "weight_names"):
            owner = weight.split("/")[-2] if "/" in weight else name
            found.setdefault(owner, []).append(np.asarray(group[weight]))
    weights = []
    for layer in layers:
        found = groups.get(layer.path[0], {})
        own = found.get(layer.path[-1])
        if own is None and len(layer.path) == 1:  # renamed after its weights were made; then it is the only owner
            own = [value for values in found.values() for value in values]
        weights.append(own or [])
    return weights


def weights_by_path(file: "h5py.File", layers: tuple[FlatLayer, ...]) -> list[list[np.ndarray]]:
    """The weights of each layer from the ``model.weights.h5`` of a ``.keras`` file."""
    find = _group_of_keras_2_13 if _OLD_CONTAINER in file else lambda file, store: file.get(f"{store}/vars")
    weights = []
    for layer in layers:
        group = find(file, layer.store)
        weights.append([] if group is None else [np.asarray(group[str(i)]) for i in range(len(group))])
    return weights


def _group_of_keras_2_13(file: "h5py.File", store: str) -> "h5py.Group | None":
    """The weights of a layer in a file of Keras 2.12 or 2.13, which counts layers with weights twice.

    Its second convolution is "conv2d_2", so the numbers at the ends of names are only good for their order.

    Raises:
        KeyError, IndexError: there is no such layer.
    """
    group = file
    for part in store.split("/"):
        if part == "layers":
            group = group[_OLD_CONTAINER]
            continue
        stem, number = _NUMBERED.fullmatch(part).groups()  # type: ignore[union-attr]
        matches = (_NUMBERED.fullmatch(name) for name in group)
        same_class = sorted((int(match[2] or 0), match[0]) for match in matches if match and match[1] == stem)
        group = group[same_class[int(number or 0)][1]]
    return group.get("vars")


def _names(attributes: Any, key: str) -> Iterator[str]:
    """A list of names in an attribute; a long one is in several, numbered attributes."""
    keys = [key] if key in attributes else [f"{key}{i}" for i in range(len(attributes)) if f"{key}{i}" in attributes]
    for part in keys:
        for name in attributes[part]:
            yield name.decode() if isinstance(name, bytes) else str(name)
