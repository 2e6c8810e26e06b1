"""Controls that edit a network layer by layer. The network is stored in the address, so copying the link shares it."""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
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
from cnn.model.presets import PRESETS, describe_presets, preset
from cnn.model.shape_inference import LARGEST
from pages.lessons.architecture.diagram import describe_layer
from pages.shell import permalink
from pages.shell.level import is_lab
from pages.shell.page_layout import notice, plain_notice
from pages.widgets import linked_inputs

_SELECTED = "architecture.at"  # number of the selected layer, from 1
# What *Undo* goes back to: (preset, layers as text) before each edit, and as they are now.
_BEFORE, _NOW = "architecture.before", "architecture.now"
_STEPS_TO_UNDO = 20
Edit = Callable[[tuple[Layer, ...], int], tuple[Layer, ...]]
"""(layers, index of the selected one) -> the layers after the edit."""
_CHOICES = {"padding": ("valid", "same"), "activation": ACTIVATIONS, "function": ACTIVATIONS}
_POOLING_OPERATIONS = ("max", "average")
_MAX_DROPOUT_RATE = 0.9
_LABELS = {
    "filters": "Filters",
    "units": "Units",
    "size": "Size",
    "strides": "Stride",
    "dilation": "Dilation",
    "padding": "Padding",
    "activation": "Activation",
    "function": "Function",
    "operation": "Pooling",
    "rate": "Share set to zero",
    "batch_norm": "Batch normalisation",
    "bias": "Bias",
}
_CLASS_LEVEL_SETTINGS = {"filters", "units", "size", "rate", "operation"}


def choose_network(input_shape: tuple[int, int, int]) -> Architecture:
    """Show the presets to start from; return the edited network, or the chosen preset where nothing was edited."""
    preset_name = linked_inputs.choice(
        "architecture.preset",
        "Start from",
        {name: preset.title for name, preset in PRESETS.items()},
        width=320,
        on_change=lambda: _store_layers(""),
        help=describe_presets(),
    )
    text = permalink.read_text("architecture.layers")
    try:
        edited = Architecture.from_text(text) if text else None
    except ConfigError as error:
        plain_notice(error)
        text, edited = "", None
    permalink.write_text("architecture.layers", text)
    st.session_state[_NOW] = (preset_name, text)
    return edited or preset(preset_name, input_shape)


def show_problem(problem: tuple[int, str]) -> None:
    """Show why the network cannot be built, with a button that selects the layer.

    Args:
        problem: number of the impossible layer, from 1, and the sentence to show.
    """
    position, sentence = problem
    notice(f"Layer {position}: {sentence}", key="architecture.problem")
    if st.session_state.get(_SELECTED, 1) != position:
        st.button(f"Select layer {position}", key="architecture.select", on_click=_select_layer, args=(position,))


def show_editor(architecture: Architecture) -> None:
    """Show the controls that select, change, move, remove and add layers."""
    layers = architecture.layers
    count = len(layers)
    position = min(st.session_state.get(_SELECTED, 1), max(1, count))
    st.session_state[_SELECTED] = position
    if count:
        _show_layer_actions(architecture, position)
        _show_settings(architecture, position, layers[position - 1])
    else:
        _show_undo()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kinds = {kind: kind.replace("_", " ").capitalize() for kind in LAYERS}
        st.selectbox("New layer", list(kinds), key="architecture.kind", format_func=kinds.__getitem__, width=240)
        st.button(
            f"Add it after layer {position}" if count else "Add it",
            key="architecture.add",
            on_click=_replace_layers,
            args=(architecture, _insert_layer, 1 if count else 0),
        )


def _show_layer_actions(architecture: Architecture, position: int) -> None:
    """Select a layer, move it or remove it."""
    layers = architecture.layers
    count = len(layers)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Selected layer",
            range(1, count + 1),
            key=_SELECTED,
            format_func=lambda number: f"{number} · {describe_layer(layers[number - 1])}",
            width=360,
        )
        edits: tuple[tuple[str, str, Edit, int, bool], ...] = (
            ("Move up", "up", lambda layers, index: _swap_layers(layers, index, index - 1), -1, position == 1),
            ("Move down", "down", lambda layers, index: _swap_layers(layers, index, index + 1), 1, position == count),
            ("Remove", "remove", lambda layers, index: layers[:index] + layers[index + 1 :], 0, False),
        )
        for label, action, edit, step, disabled in edits:
            st.button(
                label,
                key=f"architecture.{action}",
                disabled=disabled,
                on_click=_replace_layers,
                args=(architecture, edit, step),
            )
        _show_undo()


def _show_settings(architecture: Architecture, position: int, layer: Layer) -> None:
    """Show a control for each setting of the selected layer: a few at Class level, all of them in Lab."""
    names = [field.name for field in fields(layer) if is_lab() or field.name in _CLASS_LEVEL_SETTINGS]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name in names:
            key = f"architecture.set.{position}.{layer.kind}.{name}"
            value = _clamp_to_control(name, getattr(layer, name))
            if st.session_state.get(key) != value:
                st.session_state[key] = value
            _show_control(layer, name, key, partial(_store_setting, architecture, position, name, key))


def _clamp_to_control(name: str, value: Any) -> Any:
    """The nearest value the control accepts. A link may hold an impossible one, which the cost table then reports."""
    if name in LARGEST:
        return max(1, min(LARGEST[name], int(value)))
    if name == "rate":
        return float(value) if 0 <= value <= _MAX_DROPOUT_RATE else _MAX_DROPOUT_RATE
    if isinstance(value, str):
        choices = _CHOICES.get(name, _POOLING_OPERATIONS)
        return value if value in choices else choices[0]
    return value


def _show_control(layer: Layer, name: str, key: str, on_change: Callable[[], None]) -> None:
    label = _LABELS[name]
    if name in LARGEST:
        st.number_input(label, 1, LARGEST[name], key=key, on_change=on_change, width=150)
    elif name == "rate":
        st.number_input(label, 0.0, _MAX_DROPOUT_RATE, step=0.1, key=key, on_change=on_change, width=170)
    elif isinstance(getattr(layer, name), bool):
        st.toggle(label, key=key, on_change=on_change)
    else:
        st.selectbox(label, _CHOICES.get(name, _POOLING_OPERATIONS), key=key, on_change=on_change, width=150)


def _default_layer(kind: str) -> Layer:
    """A new layer of ``kind``, with a value for each setting that has no default."""
    required: dict[type, dict[str, Any]] = {
        Convolution: {"filters": 32},
        Residual: {"filters": 32},
        Dense: {"units": 64},
    }
    return LAYERS[kind](**required.get(LAYERS[kind], {}))


def _swap_layers(layers: tuple[Layer, ...], first: int, second: int) -> tuple[Layer, ...]:
    swapped = list(layers)
    if 0 <= second < len(layers):
        swapped[first], swapped[second] = swapped[second], swapped[first]
    return tuple(swapped)


def _insert_layer(layers: tuple[Layer, ...], index: int) -> tuple[Layer, ...]:
    return (*layers[: index + 1], _default_layer(st.session_state["architecture.kind"]), *layers[index + 1 :])


def _current(drawn: Architecture) -> Architecture:
    """The network as it is now: another edit may have come since the controls were drawn with ``drawn``."""
    text = permalink.read_text("architecture.layers")
    return Architecture.from_text(text) if text else drawn


def _store_setting(drawn: Architecture, position: int, name: str, key: str) -> None:
    architecture = _current(drawn)
    layers = list(architecture.layers)
    if len(layers) < position or layers[position - 1].kind != drawn.layers[position - 1].kind:
        return  # the layer that this control belongs to has just been removed or moved
    layers[position - 1] = replace(layers[position - 1], **{name: st.session_state[key]})
    _store_layers(replace(architecture, layers=tuple(layers)).to_text())


def _replace_layers(drawn: Architecture, edit: Edit, step: int) -> None:
    """Edit the layers at the selected one, and move the selection by ``step``.

    The selection is read now, not when the button was drawn: a click may come before the page has followed it.
    """
    architecture = _current(drawn)
    index = st.session_state[_SELECTED] - 1
    layers = edit(architecture.layers, index)
    st.session_state[_SELECTED] = max(1, min(index + 1 + step, len(layers)))
    _store_layers(replace(architecture, layers=layers).to_text())


def _store_layers(text: str) -> None:
    state = st.session_state
    state[_BEFORE] = [*state.get(_BEFORE, []), state[_NOW]][-_STEPS_TO_UNDO:]
    permalink.write_text("architecture.layers", text)
    state[_NOW] = (state["architecture.preset"], text)


def _show_undo() -> None:
    st.button("Undo", key="architecture.undo", disabled=not st.session_state.get(_BEFORE), on_click=_undo)


def _undo() -> None:
    """Go back to the network before the last edit."""
    state = st.session_state
    if not state.get(_BEFORE):
        return  # a second click that came before the page had followed the first
    *state[_BEFORE], (preset_name, text) = state[_BEFORE]
    state["architecture.preset"], state[_NOW] = preset_name, (preset_name, text)
    permalink.write_text("architecture.layers", text)


def _select_layer(position: int) -> None:
    st.session_state[_SELECTED] = position
