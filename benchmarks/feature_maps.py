"""All feature maps of one image, computed and drawn, beside the way most tutorials draw them."""

import io
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from matplotlib.figure import Figure

from benchmarks.harness.reporting import figure, median
from cnn.analysis.activations.feature_maps import map_layers
from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.figures.feature_maps import overview
from cnn.model import store


def run() -> None:
    """Print medians for the tutorial's network and for a MobileNetV2 of 160 pixels, and the tutorial's own way."""
    tutorial = store.load("cifar10-tutorial")
    inputs = keras.Input((160, 160, 3), dtype="uint8")
    pixels = keras.layers.Rescaling(1 / 127.5, -1)(inputs)
    # Untrained: the time does not depend on the weights.
    base = keras.applications.MobileNetV2(input_tensor=pixels, include_top=False, weights=None)
    ours = median(_ours(tutorial))
    figure("all maps of one image, the tutorial's network", ours, "ms", at_most=15)
    mobile = keras.Model(inputs, base.output)
    figure("all maps of one image, MobileNetV2 at 160 pixels", median(_ours(mobile)), "ms", at_most=100)
    theirs = median(_subplots(tutorial), rounds=3)
    figure("the first as model.predict and Matplotlib subplots", theirs, "ms")
    figure("which is so many times as long", theirs / ours, "")


def _image(model: Any) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (1, *model.input_shape[1:]), np.uint8)


def _ours(model: Any) -> Callable[[], object]:
    layers = map_layers(model)
    ask, image = layer_outputs(model, layers), _image(model)
    return lambda: [overview(maps[0]) for maps in ask(image).values()]


def _subplots(model: Any) -> Callable[[], object]:
    """As in most tutorials: a model of all outputs, ``predict``, and a subplot for each map."""
    layers, image = map_layers(model), _image(model)
    inner = keras.Model(model.inputs, [model.get_layer(name).output for name in layers])

    def draw() -> None:
        for maps in inner.predict(image, verbose=0):
            drawn = Figure(figsize=(8, 8))
            for number in range(maps.shape[3]):
                axes = drawn.add_subplot(8, 8, number + 1)
                axes.imshow(maps[0, :, :, number])
                axes.axis("off")
            drawn.savefig(io.BytesIO(), format="png")

    return draw
