"""The controls of the Convolution page: what slides over what. What is chosen is in the address."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.convolution.first_layer import FirstConvolution, first_convolution
from cnn.analysis.convolution.kernels import KERNELS, kernel
from cnn.analysis.convolution.operation import WindowOperation
from cnn.analysis.convolution.window import Window, output_side
from cnn.model.store import Card
from pages.lessons.convolution import inputs
from pages.lessons.convolution.inputs import Numbers
from pages.shell import permalink, selection
from pages.shell.level import is_lab
from pages.shell.terms import term
from pages.widgets import linked_inputs, model_cache

OPERATIONS = {
    "convolution": "Convolution",
    "max": "Pooling: the largest",
    "average": "Pooling: the average",
    "min": "Pooling: the smallest",
}
LEARNED = "learned"
PADDINGS = {"valid": "valid: stay inside", "same": "same: go over the edge"}
CHANNELS = {"grey": "1: grey", "colour": "3: red, green, blue"}
ACTIVATIONS = {"linear": "none", "relu": "ReLU"}


@dataclass(frozen=True, eq=False)
class Scene:
    """What slides over what."""

    sliding: WindowOperation
    numbers: Numbers

    @property
    def name(self) -> str:
        """Differs between any two scenes."""
        sliding, image = self.sliding, self.numbers.image
        said = (sliding.operation, sliding.window, sliding.bias, sliding.activation, image.shape)
        weights = b"" if sliding.kernel is None else sliding.kernel.tobytes()
        return hashlib.sha256(repr(said).encode() + weights + image.tobytes()).hexdigest()[:16]

    def with_kernel(self, weights: np.ndarray) -> WindowOperation:
        """The same operation with another kernel."""
        return replace(self.sliding, kernel=weights)


def choose_scene() -> Scene:
    """Show the controls.

    Raises:
        CnnError: the settings are impossible together, or a picture cannot be read.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = linked_inputs.choice("convolution.input", "Input", inputs.names(), width=230)
        operation = linked_inputs.choice("convolution.operation", "Operation", OPERATIONS, width=220)
        first = _first_of_model() if operation == "convolution" and source != "grid" else None
        chosen = ""
        if operation == "convolution":
            kernels = KERNELS | ({LEARNED: "Learned by the network"} if first else {})
            chosen = linked_inputs.choice("convolution.kernel", "Kernel", kernels, width=260)
    if first is not None and chosen == LEARNED:
        return _learned(first, inputs.input_image(source))
    window, colour, bias, activation, places = _lab_controls(operation)
    if source == "grid":
        numbers = inputs.typed_numbers()
    else:
        image = inputs.input_image(source)
        shape = (*image.shape[:2], 3 if colour else 1)
        numbers = inputs.as_numbers(image, shape)
        inputs.download(image, shape)
    weights = None
    if operation == "convolution":
        weights = kernel(chosen, window.size)[..., None].repeat(numbers.image.shape[2], axis=2)
    return _fitting(Scene(WindowOperation(operation, window, weights, bias, activation), numbers), places)


def _fitting(made: Scene, places: Mapping[str, Any] = MappingProxyType({})) -> Scene:
    """The scene, where its window fits; said here, since a fragment cannot hand an error on.

    Args:
        places: where a control stands, by its name: what is too much is marked there too.
    """
    window, side = made.sliding.window, min(made.numbers.image.shape[:2])
    if window.padding == "valid" and window.reach > side:
        most = {"size": (side - 1) // window.dilation + 1, "dilation": (side - 1) // max(1, window.size - 1)}
        for name, place in places.items():
            if name in most and getattr(window, name) > most[name]:
                place.caption(f"✗ at most {most[name]} fits")
    output_side(side, window)
    return made


def _learned(first: FirstConvolution, image: np.ndarray) -> Scene:
    """A filter of the model in hand, over the picture as that model gets it."""
    card = selection.selected_card()
    count = first.kernels.shape[3]
    number = linked_inputs.whole("convolution.filter", f"Filter, 1 to {count}", range(1, count + 1), 1, width=220) - 1
    numbers = inputs.as_seen(image, card.input_shape, first.scale, first.offset)
    st.caption(
        f"From the first layer of **{card.title}**, over the picture as that network gets it: its pixels go from "
        f"{numbers.limits[0]:g} to {numbers.limits[1]:g}."
    )
    inputs.download(image, card.input_shape)
    weights, bias = first.kernels[..., number].astype(np.float64), float(first.biases[number])
    return _fitting(Scene(WindowOperation("convolution", first.window, weights, bias, first.activation), numbers))


def _first_of_model() -> FirstConvolution | None:
    return _first(selection.selected_card()) if selection.model() else None


@st.cache_data(max_entries=8, show_spinner="Reading the network's filters …", hash_funcs=model_cache.BY_CARD)
def _first(card: Card) -> FirstConvolution | None:
    return first_convolution(model_cache.keras_model(card))


def _lab_controls(operation: str) -> tuple[Window, bool, float, str, dict[str, Any]]:
    """The window, whether in colour, bias and activation, and where the controls stand; Class has the plainest."""
    pooling = operation != "convolution"
    size, stride = (2, 2) if pooling else (3, 1)
    if not is_lab():
        for name in ("size", "stride", "dilation", "padding", "colour", "bias", "activation"):
            permalink.drop(f"convolution.{name}")
        return Window(size, stride), False, 0.0, "linear", {}
    changed = st.session_state.get("convolution.was", operation) != operation
    st.session_state["convolution.was"] = operation
    with st.container(horizontal=True, vertical_alignment="bottom"):
        numbers = {"size": (range(1, 8), size), "stride": (range(1, 9), stride)}
        numbers |= {} if pooling else {"dilation": (range(1, 9), 1)}
        places = {name: st.container(width=130, gap="xsmall") for name in numbers}
        chosen: dict[str, Any] = {}
        for name, valid in numbers.items():
            with places[name]:
                chosen[name] = linked_inputs.whole(
                    f"convolution.{name}", name.capitalize(), *valid, width=130, forget=changed, help=term(name)
                )
        window = Window(**chosen, padding=linked_inputs.choice("convolution.padding", "Padding", PADDINGS, width=220))
        colour = linked_inputs.choice("convolution.colour", "Channels", CHANNELS, width=200) == "colour"
        bias, activation = 0, "linear"
        if not pooling:
            biases = list(range(-500, 501))
            bias = linked_inputs.whole("convolution.bias", "Bias", biases, 0, width=130, help=term("bias"))
            activation = linked_inputs.choice("convolution.activation", "Activation", ACTIVATIONS, width=140)
    return window, colour, float(bias), activation, places
