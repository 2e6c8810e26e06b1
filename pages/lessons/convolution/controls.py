"""The controls of the Convolution page: the window operation and its input. Choices are stored in the address."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.analysis.convolution.first_layer import FirstConvolution, first_convolution
from cnn.analysis.convolution.kernels import kernel
from cnn.analysis.convolution.operation import WindowOperation
from cnn.analysis.convolution.window import Window, output_side
from cnn.model.store import Card
from pages.lessons.convolution import inputs
from pages.lessons.convolution.inputs import WindowInput
from pages.lessons.convolution.kernel_maker import describe_person, describe_training
from pages.lessons.convolution.kernel_row import LEARNED, kernel_clicks, read_kernel, show_kernels
from pages.shell import permalink, selection
from pages.shell.level import is_lab
from pages.shell.terms import term
from pages.shell.text import literal
from pages.widgets import linked_inputs, model_cache

OPERATIONS = {
    "convolution": "Convolution",
    "max": "Max pooling",
    "average": "Average pooling",
    "min": "Min pooling",
}
PADDINGS = {"valid": "valid: stay inside", "same": "same: go over the edge"}
CHANNELS = {"grey": "1: grey", "colour": "3: red, green, blue"}
ACTIVATIONS = {"linear": "none", "relu": "ReLU"}


@dataclass(frozen=True, eq=False)
class SlidingWindow:
    """A window operation and the input it slides over.

    Attributes:
        operation: pooling, or a convolution with its kernel.
        input: the picture or grid.
        maker: who made the kernel, in words; "" for pooling, which has none.
        clicks: on kernels so far; after each the visitor begins anew.
    """

    operation: WindowOperation
    input: WindowInput
    maker: str = ""
    clicks: int = field(default_factory=kernel_clicks)

    @property
    def name(self) -> str:
        """A fingerprint of the operation, its input and the clicks."""
        operation, image = self.operation, self.input.image
        settings = (
            operation.operation,
            operation.window,
            operation.bias,
            operation.activation,
            image.shape,
            self.clicks,
        )
        weights = b"" if operation.kernel is None else operation.kernel.tobytes()
        return hashlib.sha256(repr(settings).encode() + weights + image.tobytes()).hexdigest()[:16]

    def with_kernel(self, weights: np.ndarray) -> WindowOperation:
        """The same operation with another kernel."""
        return replace(self.operation, kernel=weights)


@dataclass(frozen=True)
class _Settings:
    """The Lab settings of a window operation.

    Attributes:
        window: its size, stride, dilation and padding.
        in_colour: whether the input keeps its three channels.
        bias: added by a convolution.
        activation: of a convolution, "linear" or "relu".
        containers: the container of each control, by setting; a message about that setting goes there.
    """

    window: Window
    in_colour: bool = False
    bias: float = 0.0
    activation: str = "linear"
    containers: Mapping[str, DeltaGenerator] = field(default_factory=dict)


def choose_sliding_window() -> SlidingWindow:
    """Show the controls and return what they describe.

    Raises:
        CnnError: the settings are impossible together, or a picture cannot be read.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="convolution.controls"):
        source = linked_inputs.choice("convolution.input", "Input", inputs.input_names(), width=230)
        operation = linked_inputs.choice("convolution.operation", "Operation", OPERATIONS, width=170)
        first_layer = _selected_first_layer() if operation == "convolution" and source != "grid" else None
        row = st.container(key="convolution.kernel_row") if operation == "convolution" else None
    if row is not None:
        with row:
            kernel_name = read_kernel(has_learned=first_layer is not None)
        filter_index = _choose_filter(first_layer) if first_layer is not None and kernel_name == LEARNED else None
        with row:  # after the filter's number, because the filter is in the row
            show_kernels(kernel_name, first_layer)
    if first_layer is not None and filter_index is not None:
        return _learned_filter(first_layer, filter_index, *inputs.choose_image(source))
    settings = _choose_settings(operation)
    if source == "grid":
        window_input = inputs.edit_grid()
    else:
        image, credit = inputs.choose_image(source)
        shape = (*image.shape[:2], 3 if settings.in_colour else 1)
        window_input = inputs.prepare_image(image, shape, credit)
    weights, maker = None, ""
    if operation == "convolution":
        maker = describe_person(kernel_name, has_learned=first_layer is not None)
        weights = kernel(kernel_name, settings.window.size)[..., None].repeat(window_input.image.shape[2], axis=2)
    window_operation = WindowOperation(operation, settings.window, weights, settings.bias, settings.activation)
    _check_fit(settings.window, window_input.image, settings.containers)
    return SlidingWindow(window_operation, window_input, maker)


def _check_fit(window: Window, image: np.ndarray, containers: Mapping[str, DeltaGenerator]) -> None:
    """Refuse a window that does not fit the image, and mark the controls whose value is too large.

    Checked here because the page's fragment cannot raise an error to the page.

    Raises:
        ConfigError: the window does not fit.
    """
    side = min(image.shape[:2])
    if window.padding == "valid" and window.extent > side:
        limits = {"size": (side - 1) // window.dilation + 1, "dilation": (side - 1) // max(1, window.size - 1)}
        for name, container in containers.items():
            if name in limits and getattr(window, name) > limits[name]:
                container.container(key=f"convolution.{name}.limit").caption(f"✗ at most {limits[name]} fits")
    output_side(side, window)


def _choose_filter(first_layer: FirstConvolution) -> int:
    """Choose a filter of the selected model's first layer: its index, from 0."""
    count = first_layer.kernels.shape[3]
    return linked_inputs.whole("convolution.filter", f"Filter, 1 to {count}", range(1, count + 1), 1, width=220) - 1


def _learned_filter(
    first_layer: FirstConvolution, filter_index: int, image: np.ndarray, credit: str | None
) -> SlidingWindow:
    """A filter of the selected model's first layer, over the picture as that model receives it."""
    card = selection.selected_card()
    window_input = inputs.rescale_image(image, card.input_shape, first_layer.scale, first_layer.offset, credit)
    with st.container(key="convolution.filter.source"):
        st.caption(
            f"From the first layer of **{literal(card.title)}**, over the picture as that network gets it: its "
            f"pixels go from {window_input.limits[0]:g} to {window_input.limits[1]:g}."
        )
    weights = first_layer.kernels[..., filter_index].astype(np.float64)
    bias = float(first_layer.biases[filter_index])
    operation = WindowOperation("convolution", first_layer.window, weights, bias, first_layer.activation)
    _check_fit(first_layer.window, window_input.image, {})
    return SlidingWindow(operation, window_input, describe_training(card.title, first_layer.kernels, filter_index))


def _selected_first_layer() -> FirstConvolution | None:
    return _read_first_layer(selection.selected_card()) if selection.model() else None


@st.cache_data(max_entries=8, show_spinner="Reading the network's filters …", hash_funcs=model_cache.BY_CARD)
def _read_first_layer(card: Card) -> FirstConvolution | None:
    return first_convolution(model_cache.keras_model(card))


def _choose_settings(operation: str) -> _Settings:
    """Show the Lab controls; at Class level return the defaults and drop the settings from the address."""
    pooling = operation != "convolution"
    size, stride = (2, 2) if pooling else (3, 1)
    if not is_lab():
        for name in ("size", "stride", "dilation", "padding", "colour", "bias", "activation"):
            permalink.drop(f"convolution.{name}")
        return _Settings(Window(size, stride))
    changed = st.session_state.get("convolution.was", operation) != operation
    st.session_state["convolution.was"] = operation
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ranges = {"size": (range(1, 8), size), "stride": (range(1, 9), stride)}
        ranges |= {} if pooling else {"dilation": (range(1, 9), 1)}
        containers = {name: st.container(width=130, gap="xsmall") for name in ranges}
        numbers: dict[str, Any] = {}
        for name, (valid, default) in ranges.items():
            with containers[name]:
                numbers[name] = linked_inputs.whole(
                    f"convolution.{name}", name.capitalize(), valid, default, width=130, forget=changed, help=term(name)
                )
        window = Window(**numbers, padding=linked_inputs.choice("convolution.padding", "Padding", PADDINGS, width=220))
        in_colour = linked_inputs.choice("convolution.colour", "Channels", CHANNELS, width=200) == "colour"
        bias, activation = 0, "linear"
        if not pooling:
            biases = list(range(-500, 501))
            bias = linked_inputs.whole("convolution.bias", "Bias", biases, 0, width=130, help=term("bias"))
            activation = linked_inputs.choice("convolution.activation", "Activation", ACTIVATIONS, width=140)
    return _Settings(window, in_colour, float(bias), activation, containers)
