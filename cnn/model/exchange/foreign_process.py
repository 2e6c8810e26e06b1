"""Rebuilds a network from any Keras in a separate process, out of listed layers and plain numbers.

Keras never reads the file itself. What is saved is a network of the app's own form: an image of whole numbers from 0 to
255, a layer that scales them, the layers of the file, one after the other without parts within parts, and scores.
"""

import json
import sys
import zipfile
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.errors import ModelError
from cnn.files import write_json, write_whole
from cnn.model.exchange.admission_process import MAX_ACTIVATIONS
from cnn.model.exchange.confinement import limit_resources
from cnn.model.exchange.flat_network import FlatNetwork
from cnn.model.exchange.keras_description import flatten
from cnn.model.exchange.keras_weights import check_hdf5, read_model_config, weights_by_name, weights_by_path
from cnn.model.exchange.understood import Understood, UnderstoodLayer

if TYPE_CHECKING:
    import keras

_DAMAGED = "its weights do not fit its layers, or are damaged"


class Refused(Exception):
    """The file is refused; the message is a clause."""


def rebuild(source: Path, quoted_name: str) -> tuple["keras.Model", Understood]:
    """The network in a file, in the app's form, and what was understood of it.

    Raises:
        ModelError: its layers are refused; the message is a sentence.
        Refused: its weights are; the message is a clause.
    """
    network, weights, version = _read(source, quoted_name)
    try:
        model, layers = _build(network, weights)
    except MemoryError:
        raise
    except Refused:
        raise
    except Exception as error:  # Keras documents no exceptions for settings that do not fit together
        raise Refused(_DAMAGED) from error
    _check(model, network)
    parameters = sum(entry.parameters for entry in layers)
    understood = Understood(
        name=network.name,
        version=version,
        input_shape=network.input_shape,
        outputs=int(model.output_shape[-1]),
        ending=network.ending,
        parameters=parameters,
        layers=layers,
        left_out=network.left_out,
        repeated=network.repeated,
    )
    return model, understood


def _read(source: Path, quoted_name: str) -> tuple[FlatNetwork, list[list[np.ndarray]], str]:
    """(the layers, the weights of each, the version of Keras that wrote the file)."""
    import h5py

    try:
        if source.read_bytes()[:2] == b"PK":  # as admission tells them apart; an HDF5 file could end in a zip
            with zipfile.ZipFile(source) as archive:
                config = json.loads(archive.read("config.json"))
                metadata = json.loads(archive.read("metadata.json")) if "metadata.json" in archive.namelist() else {}
                data = BytesIO(archive.read("model.weights.h5"))
            network = flatten(config, quoted_name)
            with h5py.File(data, "r") as file:
                check_hdf5(file)
                return network, weights_by_path(file, network.layers), str(metadata.get("keras_version", ""))
        with h5py.File(source, "r") as file:
            check_hdf5(file)
            config = read_model_config(file)
            if config is None:
                raise Refused(
                    "it holds weights alone and no layers, and a whole model is expected, as model.save writes it"
                )
            network = flatten(config, quoted_name)
            version = file.attrs.get("keras_version", "")
            version = version.decode() if isinstance(version, bytes) else str(version)
            return network, weights_by_name(file, network.layers), version
    except (ModelError, Refused, MemoryError):
        raise
    except Exception as error:  # HDF5 documents no exceptions for damaged files
        raise Refused(_DAMAGED) from error


def _build(network: FlatNetwork, weights: list[list[np.ndarray]]) -> tuple["keras.Model", tuple[UnderstoodLayer, ...]]:
    import keras

    image = keras.Input(network.input_shape, dtype="uint8", name="image")
    tensors = [keras.layers.Rescaling(1.0, 0.0, name="rescaling")(image)]
    counted: set[tuple[str, ...]] = set()
    entries = []
    for flat, values in zip(network.layers, weights, strict=True):
        layer = getattr(keras.layers, flat.kind).from_config({**flat.settings, "name": flat.name})
        inputs = [tensors[i] for i in flat.inputs]
        if sum(int(np.prod(tensor.shape[1:])) for tensor in inputs) > MAX_ACTIVATIONS:
            raise Refused(f"the layer {flat.name} gets more than {MAX_ACTIVATIONS:,} numbers of one image")
        tensors.append(layer(inputs[0] if len(inputs) == 1 else inputs))
        if [weight.shape for weight in layer.weights] != [value.shape for value in values]:
            raise Refused(f"{_DAMAGED} (layer {flat.name})")
        layer.set_weights(values)
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
        own = 0 if flat.path in counted else layer.count_params()
        counted.add(flat.path)
        entries.append(UnderstoodLayer(flat.name, flat.kind, tuple(tensors[-1].shape[1:]), own))
    return keras.Model(image, tensors[network.output], name="brought"), tuple(entries)


def _check(model: "keras.Model", network: FlatNetwork) -> None:
    """Refuse a network that is too large, or that does not answer with scores.

    Raises:
        Refused: with the reason.
    """
    if len(model.output_shape) != 2 or None in model.output_shape[1:]:
        shape = " x ".join(map(str, model.output_shape[1:]))
        raise Refused(f"it answers with {shape} numbers, and a row of scores, one for each class, is expected")
    outputs = model.output_shape[-1]
    if network.ending == "sigmoid" and outputs > 1:
        raise Refused(
            f"it answers {outputs} questions, each with yes or no (sigmoid), and one answer among all classes is "
            "expected"
        )
    if network.ending == "softmax" and outputs == 1:
        raise Refused("its only answer goes through softmax, which makes it 1 for every image")
    activations = sum(int(np.prod(layer.output.shape[1:])) for layer in model.layers)
    if activations > MAX_ACTIVATIONS:
        raise Refused(
            f"it makes {activations:,} numbers of one image, and at most {MAX_ACTIVATIONS:,} can be taken; build it "
            "for smaller images"
        )
    scores = np.asarray(model(np.zeros((1, *network.input_shape), np.uint8), training=False))
    if not np.isfinite(scores).all():
        raise Refused("its weights are not numbers, so it has no answer")


def _main(source: str, folder: str, quoted_name: str) -> dict[str, Any]:
    """Rebuild and save the network.

    Returns:
        {"problem": a clause, "sentence": a whole sentence, "understood"}; what there is not is None.
    """
    try:
        model, understood = rebuild(Path(source), quoted_name)
    except Refused as refused:
        return {"problem": str(refused), "sentence": None, "understood": None}
    except ModelError as refused:
        return {"problem": None, "sentence": str(refused), "understood": None}
    write_whole(Path(folder) / "model.keras", model.save)
    return {"problem": None, "sentence": None, "understood": asdict(understood)}


if __name__ == "__main__":
    limit_resources()
    _source, _folder, _quoted_name = sys.argv[1:]
    write_json(Path(_folder) / "rebuilt.json", _main(_source, _folder, _quoted_name))
