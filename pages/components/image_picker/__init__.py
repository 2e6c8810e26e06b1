"""A gallery whose images can be chosen by mouse or keyboard."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from pages.components import browser_component, component_key
from pages.components.data_uri import image_data_uri

_component = browser_component(Path(__file__).parent, '<div class="tiles" role="group"></div>')


class Choice(NamedTuple):
    """An image of the gallery: its id, uint8 (h, w, C) or a PNG file, a caption, and its name for screen readers."""

    id: int | str
    image: np.ndarray | bytes
    caption: str
    alt: str


def image_picker(
    label: str,
    choices: Sequence[Choice],
    chosen: int | str | None,
    side: int,
    *,
    key: str,
    in_one_row: bool = False,
    on_choose: Callable[[], None] = lambda: None,
) -> int | str | None:
    """Show the gallery.

    Args:
        label: its name for screen readers.
        chosen: id of the marked image.
        side: of an image on screen, in pixels, at most.
        in_one_row: whether the images stand in one row, which scrolls where it is too narrow.
        on_choose: called before the page reruns for a click; ``clicked_image(key)`` is the image then.

    Returns:
        The id of the image clicked last, if it is still shown, or None.
    """
    data = {
        "label": label,
        "side": side,
        "chosen": chosen,
        "row": in_one_row,
        "tiles": [
            {"id": item.id, "source": image_data_uri(item.image, side), "caption": item.caption, "alt": item.alt}
            for item in choices
        ],
    }
    result = _component(data=data, key=key, on_chosen_change=on_choose, default={"chosen": None})
    clicked = result.chosen["id"] if result.chosen else None
    return clicked if clicked in {item.id for item in choices} else None


def clicked_image(key: str) -> int | str | None:
    """The id of the image clicked last in the gallery with this key, in a callback; None before any click."""
    state = st.session_state.get(component_key(key))
    return state["chosen"]["id"] if state and state["chosen"] else None
