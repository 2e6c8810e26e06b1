"""A gallery whose images can be chosen with a click or a key."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from pages.components.data_uri import image_data_uri

_here = Path(__file__).parent
_component = st.components.v2.component(
    "convnet_lab_tiles",
    html='<div class="tiles" role="group"></div>',
    css=(_here / "image_picker.css").read_text(),
    js=(_here / "image_picker.js").read_text(),
)


class Choice(NamedTuple):
    """One image of the gallery: its number, uint8 (h, w, C) or a PNG file, its caption, its name for screen readers."""

    id: int
    image: np.ndarray | bytes
    caption: str
    alt: str


def image_picker(label: str, choices: Sequence[Choice], chosen: int | None, side: int, *, key: str) -> int | None:
    """Show the gallery.

    Args:
        label: what it is called for a screen reader.
        chosen: the id that is marked.
        side: pixels of an image on screen, at most.

    Returns:
        The id that was clicked last among those shown now, or None.
    """
    data = {
        "label": label,
        "side": side,
        "chosen": chosen,
        "tiles": [
            {"id": one.id, "source": image_data_uri(one.image, side), "caption": one.caption, "alt": one.alt}
            for one in choices
        ],
    }
    result = _component(data=data, key=key, on_chosen_change=lambda: None, default={"chosen": None})
    return result.chosen if result.chosen in {one.id for one in choices} else None
