"""The controls of the Augmentation page: which variations and how strong. Choices are stored in the address."""

from dataclasses import replace
from typing import Any

import streamlit as st

from cnn.data.augmentation.settings import FILLS, LIMITS, PRESETS, Augmentation, scale_strength
from pages.shell.level import is_lab
from pages.widgets import linked_inputs

LABELS = {
    "rotation": "Rotation, degrees",
    "shift": "Shift, share of the side",
    "shear": "Shear, degrees",
    "zoom": "Zoom",
    "brightness": "Brightness",
    "contrast": "Contrast",
    "saturation": "Saturation",
    "noise": "Noise",
    "rand_augment": "RandAugment, strength",
    "cutout": "Cut-out, share of the side",
}
_PRESET_TITLES = {
    "tutorial": "common settings",
    "light": "light: mirror and shift",
    "cutout": "light with a cut-out",
    "turned": "turned: nothing mirrored",
    "strong": "strong",
    "rand-augment": "RandAugment",
}
STRENGTHS = [0.0, 0.5, 1.0, 2.0, 3.0]


def choose_augmentation() -> Augmentation:
    """Show the controls and return the chosen settings, scaled by the chosen strength."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        preset_name = linked_inputs.choice("augmentation.preset", "Settings", _PRESET_TITLES, width=260)
        strength = linked_inputs.buttons(
            "augmentation.strength", "Strength", STRENGTHS, 1.0, format_func=lambda strength: f"{100 * strength:.0f} %"
        )
    settings = PRESETS[preset_name]
    if settings.stretch:
        with st.container(key="augmentation.generator"):
            st.caption(
                "As with Keras' *ImageDataGenerator*, which zooms height and width separately, so that things also "
                "become wider or narrower."
            )
    if is_lab():
        settings = _choose_amounts(settings, preset_name)
    return scale_strength(settings, strength)


def choose_seed() -> int:
    """Choose the seed in Lab; it is in the link, so a shared link shows the same variants."""
    return linked_inputs.whole("augmentation.seed", "Seed", range(2**31), 0, width=140) if is_lab() else 0


def _choose_amounts(preset: Augmentation, preset_name: str) -> Augmentation:
    """Show a control for every setting, starting from the preset's values."""
    forget = st.session_state.get("augmentation.begun", preset_name) != preset_name
    st.session_state["augmentation.begun"] = preset_name
    chosen: dict[str, Any] = {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name, limit in LIMITS.items():
            default = getattr(preset, name)
            amounts = sorted({default, *(round(limit * step / 20, 4) for step in range(21))})
            chosen[name] = linked_inputs.step(
                f"augmentation.{name}", LABELS[name], amounts, default, width=210, forget=forget
            )
        for name, label in (("flip", "Mirror"), ("flip_vertical", "Upside down")):
            chosen[name] = linked_inputs.switch(f"augmentation.{name}", label, getattr(preset, name), forget=forget)
        fills = {fill: fill for fill in sorted(FILLS, key=lambda fill: fill != preset.fill)}
        chosen["fill"] = linked_inputs.choice("augmentation.fill", "Fill empty edges with", fills, width=220)
    return replace(preset, **chosen)
