"""A gallery whose images can be chosen by mouse or keyboard."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pages.components import browser_component
from pages.components.data_uri import image_data_uri

_component = browser_component(Path(__file__).parent, '<div class="tiles" role="group"></div>')


class Choice(NamedTuple):
    """An image of the gallery: its id, uint8 (h, w, C) or a PNG file, a caption, and its name for screen readers."""

    id: int
    image: np.ndarray | bytes
    caption: str
    alt: str


def image_picker(label: str, choices: Sequence[Choice], chosen: int | None, side: int, *, key: str) -> int | None:
    """Show the gallery.

    Args:
        label: its name for screen readers.
        chosen: id of the marked image.
        side: of an image on screen, in pixels, at most.

    Returns:
        The id of the image clicked last, if it is still shown, or None.
    """
    data = {
        "label": label,
        "side": side,
        "chosen": chosen,
        "tiles": [
            {"id": item.id, "source": image_data_uri(item.image, side), "caption": item.caption, "alt": item.alt}
            for item in choices
        ],
    }
    result = _component(data=data, key=key, on_chosen_change=lambda: None, default={"chosen": None})
    return result.chosen if result.chosen in {item.id for item in choices} else None
