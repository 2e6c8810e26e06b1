"""A part of a page that phones show over the page: there it has the keyboard's focus, and Escape closes it."""

import re
from pathlib import Path

from pages.components import browser_component, component_key

_component = browser_component(Path(__file__).parent, "")


def over_the_page(label: str, *, part: str, close: str, gallery: str, image: int, key: str) -> None:
    """Move the focus into the part when it opens, and back to the image that opened it when it closes.

    On a desk, where the part stands beside the gallery, the focus stays with the image. What is a phone, the style
    sheet of the page says as well: it lays the part over the page.

    Args:
        label: the part's name for screen readers.
        part: key of the container, which is there while it is open.
        close: key of the button in it that closes it.
        gallery: key of the ``image_picker`` that opens it.
        image: id of the image that has opened it.
    """
    data = {"label": label, "part": _selector(part), "close": f"{_selector(close)} button"}
    _component(data=data | {"gallery": _selector(component_key(gallery)), "image": str(image)}, key=key)


def _selector(key: str) -> str:
    """The CSS selector of what Streamlit shows under a key."""
    return ".st-key-" + re.sub(r"[^\w-]", "-", key, flags=re.ASCII)
