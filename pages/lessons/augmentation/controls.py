"""The controls of the Augmentation page: what is varied, how, and how strongly. What is chosen is in the address."""

from dataclasses import replace
from typing import Any

import streamlit as st

from cnn.data.augmentation.settings import FILLS, LIMITS, PRESETS, Augmentation, scale_strength
from pages.shell.level import is_lab
from pages.widgets import linked_inputs

NAMES = {
    "rotation": "Rotation, degrees",
    "shift": "Shift, share of the side",
    "shear": "Shear, degrees",
    "zoom": "Zoom",
    "brightness": "Brightness",
    "contrast": "Contrast",
    "saturation": "Saturation",
    "noise": "Noise",
    "cutout": "Cut-out, share of the side",
}
_TITLES = {
    "tutorial": "the tutorial's settings",
    "light": "light: mirror and shift",
    "cutout": "light with a cut-out",
    "turned": "turned: nothing mirrored",
    "strong": "strong",
}
STRENGTHS = [0.0, 0.5, 1.0, 2.0, 3.0]


def choose_augmentation() -> Augmentation:
    """Show the controls; the settings as they stand, with their strength."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = linked_inputs.choice("augmentation.preset", "Settings", _TITLES, width=260)
        strength = linked_inputs.buttons(
            "augmentation.strength", "Strength", STRENGTHS, 1.0, format_func=lambda times: f"{100 * times:.0f} %"
        )
    chosen = _lab_controls(PRESETS[name], name) if is_lab() else PRESETS[name]
    return scale_strength(chosen, strength)


def choose_seed() -> int:
    """The seed of the variants: the same link shows the same ones."""
    return linked_inputs.whole("augmentation.seed", "Seed", range(2**31), 0, width=140) if is_lab() else 0


def _lab_controls(preset: Augmentation, name: str) -> Augmentation:
    """Every amount by itself; they begin as the preset has them."""
    forget = st.session_state.get("augmentation.begun", name) != name
    st.session_state["augmentation.begun"] = name
    chosen: dict[str, Any] = {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for amount, limit in LIMITS.items():
            best = getattr(preset, amount)
            valid = sorted({best, *(round(limit * step / 20, 4) for step in range(21))})
            chosen[amount] = linked_inputs.step(
                f"augmentation.{amount}", NAMES[amount], valid, best, width=210, forget=forget
            )
        for flip, label in (("flip", "Mirror"), ("flip_vertical", "Upside down")):
            chosen[flip] = linked_inputs.switch(f"augmentation.{flip}", label, getattr(preset, flip), forget=forget)
        fills = {fill: fill for fill in sorted(FILLS, key=lambda fill: fill != preset.fill)}
        chosen["fill"] = linked_inputs.choice("augmentation.fill", "What comes in from outside", fills, width=220)
    return replace(preset, **chosen)
