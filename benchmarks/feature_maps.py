"""All feature maps of one image, computed and drawn, beside the way most tutorials draw them."""

import io
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from matplotlib.figure import Figure

from benchmarks.harness.reporting import median_milliseconds, print_result
from cnn.analysis.activations.feature_maps import map_layers
from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.figures.feature_maps import overview
from cnn.model import store


def run() -> None:
    """Print medians for the tutorial's network, for MobileNetV2 at 160 pixels, and for the tutorial's own method."""
    tutorial = store.load("cifar10-tutorial")
    inputs = keras.Input((160, 160, 3), dtype="uint8")
    pixels = keras.layers.Rescaling(1 / 127.5, -1)(inputs)
    # Untrained: the time does not depend on the weights.
    base = keras.applications.MobileNetV2(input_tensor=pixels, include_top=False, weights=None)
    ours = median_milliseconds(_ours(tutorial))
    print_result("all maps of one image, the tutorial's network", ours, "ms", at_most=15)
    mobile = keras.Model(inputs, base.output)
    print_result(
        "all maps of one image, MobileNetV2 at 160 pixels", median_milliseconds(_ours(mobile)), "ms", at_most=100
    )
    theirs = median_milliseconds(_subplots(tutorial), rounds=3)
    print_result("the first as model.predict and Matplotlib subplots", theirs, "ms")
    print_result("which is so many times as long", theirs / ours, "")


def _random_image(model: Any) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (1, *model.input_shape[1:]), np.uint8)


def _ours(model: Any) -> Callable[[], object]:
    layers = map_layers(model)
    outputs_of, image = layer_outputs(model, layers), _random_image(model)
    return lambda: [overview(maps[0]) for maps in outputs_of(image).values()]


def _subplots(model: Any) -> Callable[[], object]:
    """The method of most tutorials: a model with all outputs, ``predict``, and a subplot for each map."""
    layers, image = map_layers(model), _random_image(model)
    outputs_model = keras.Model(model.inputs, [model.get_layer(name).output for name in layers])

    def draw() -> None:
        for maps in outputs_model.predict(image, verbose=0):
            plot = Figure(figsize=(8, 8))
            for index in range(maps.shape[3]):
                axes = plot.add_subplot(8, 8, index + 1)
                axes.imshow(maps[0, :, :, index])
                axes.axis("off")
            plot.savefig(io.BytesIO(), format="png")

    return draw
