"""Change a network layer by layer. The network is in the address, so that copying it shares the design."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import streamlit as st

from cnn.errors import ConfigError
from cnn.model.architectures import (
    ACTIVATIONS,
    LAYERS,
    Architecture,
    Convolution,
    Dense,
    Layer,
    Residual,
)
from cnn.model.presets import PRESETS, preset
from cnn.model.shape_inference import LARGEST
from pages.lessons.architecture.diagram import describe_layer
from pages.shell import permalink
from pages.shell.level import is_lab
from pages.shell.page_layout import notice
from pages.widgets import linked_inputs

_AT = "architecture.at"
_CHOICES = {"padding": ("valid", "same"), "activation": ACTIVATIONS, "function": ACTIVATIONS}
_POOLS = ("max", "average")
_MOST_DROPPED = 0.9
_NAMES = {
    "filters": "Filters",
    "units": "Units",
    "size": "Size",
    "strides": "Stride",
    "dilation": "Dilation",
    "padding": "Padding",
    "activation": "Activation",
    "function": "Function",
    "operation": "Which number",
    "rate": "Share set to zero",
    "batch_norm": "Batch normalisation",
    "bias": "Bias",
}
_CLASS = {"filters", "units", "size", "rate", "operation"}  # what a first lesson turns


def chosen_network(input_shape: tuple[int, int, int]) -> Architecture:
    """Choose a preset to begin with; the network as it stands now."""
    begun = linked_inputs.choice(
        "architecture.preset",
        "Begin with",
        {name: name for name in PRESETS},
        width=260,
        on_change=lambda: _take(""),
        help=" ".join(f"**{name}**: {text}." for name, text in PRESETS.items()),
    )
    text = permalink.read_text("architecture.layers")
    try:
        own = Architecture.from_text(text) if text else None
    except ConfigError as error:
        notice(str(error))
        text, own = "", None
    permalink.write_text("architecture.layers", text)
    return own or preset(begun, input_shape)


def show_editor(architecture: Architecture) -> None:
    """The layer in hand and what can be done with it."""
    layers = architecture.layers
    count = len(layers)
    at = min(st.session_state.get(_AT, 1), max(1, count))
    st.session_state[_AT] = at
    if count:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                "Layer in hand",
                range(1, count + 1),
                key=_AT,
                format_func=lambda number: f"{number} · {describe_layer(layers[number - 1])}",
                width=360,
            )
            for label, name, new, off in (
                ("Move up", "up", lambda: _swapped(layers, at - 1, at - 2), at == 1),
                ("Move down", "down", lambda: _swapped(layers, at - 1, at), at == count),
                ("Remove", "remove", lambda: layers[: at - 1] + layers[at:], False),
            ):
                goes = {"up": at - 1, "down": at + 1, "remove": at}[name]
                st.button(
                    label, key=f"architecture.{name}", disabled=off, on_click=_change, args=(architecture, new, goes)
                )
        _settings(architecture, at, layers[at - 1])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kinds = {kind: kind.replace("_", " ").capitalize() for kind in LAYERS}
        st.selectbox("New layer", list(kinds), key="architecture.kind", format_func=kinds.get, width=240)
        added = _new(st.session_state["architecture.kind"])
        where = at if count else 0
        st.button(
            f"Add it after layer {at}" if count else "Add it",
            key="architecture.add",
            on_click=_change,
            args=(architecture, lambda: (*layers[:where], added, *layers[where:]), where + 1),
        )


def _settings(architecture: Architecture, at: int, layer: Layer) -> None:
    """A control for each setting of the layer in hand: the few of Class, or all."""
    shown = [field.name for field in fields(layer) if is_lab() or field.name in _CLASS]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name in shown:
            key = f"architecture.set.{at}.{layer.kind}.{name}"
            value = _possible(name, getattr(layer, name))
            if st.session_state.get(key) != value:
                st.session_state[key] = value
            _control(layer, name, key, lambda name=name, key=key: _set(architecture, at, name, st.session_state[key]))


def _possible(name: str, value: Any) -> Any:
    """What a control can show: a link may ask for more, which the table of layers then says."""
    if name in LARGEST:
        return max(1, min(LARGEST[name], int(value)))
    if name == "rate":
        return float(value) if 0 <= value <= _MOST_DROPPED else _MOST_DROPPED
    if isinstance(value, str):
        return value if value in _CHOICES.get(name, _POOLS) else _CHOICES.get(name, _POOLS)[0]
    return value


def _control(layer: Layer, name: str, key: str, changed: Callable[[], None]) -> None:
    label = _NAMES[name]
    if name in LARGEST:
        st.number_input(label, 1, LARGEST[name], key=key, on_change=changed, width=150)
    elif name == "rate":
        st.number_input(label, 0.0, _MOST_DROPPED, step=0.1, key=key, on_change=changed, width=170)
    elif isinstance(getattr(layer, name), bool):
        st.toggle(label, key=key, on_change=changed)
    else:
        st.selectbox(label, _CHOICES.get(name, _POOLS), key=key, on_change=changed, width=150)


def _new(kind: str) -> Layer:
    needed: dict[type, dict[str, Any]] = {Convolution: {"filters": 32}, Residual: {"filters": 32}, Dense: {"units": 64}}
    return LAYERS[kind](**needed.get(LAYERS[kind], {}))


def _swapped(layers: tuple[Layer, ...], one: int, other: int) -> tuple[Layer, ...]:
    moved = list(layers)
    moved[one], moved[other] = moved[other], moved[one]
    return tuple(moved)


def _set(architecture: Architecture, at: int, name: str, value: Any) -> None:
    layers = list(architecture.layers)
    layers[at - 1] = replace(layers[at - 1], **{name: value})
    _take(replace(architecture, layers=tuple(layers)).to_text())


def _change(architecture: Architecture, layers: Callable[[], tuple[Layer, ...]], at: int) -> None:
    st.session_state[_AT] = max(1, at)
    _take(replace(architecture, layers=layers()).to_text())


def _take(text: str) -> None:
    permalink.write_text("architecture.layers", text)
