"""What an opened page shows, found by key, role or number, so that its wording may change."""

import base64
import html
import io
import re

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.components.data_uri import PNG_PREFIX
from tests.pages.opening import texts


def mentions(at: AppTest, *values: object) -> bool:
    """Whether one line of text holds these values in this order, each as a whole word, whatever is between them."""
    words = (re.escape(str(value).replace("\N{NO-BREAK SPACE}", " ")) for value in values)
    pattern = ".*?".join(rf"(?<!\w){word}(?!\w)" for word in words)
    return re.search(pattern, texts(at)) is not None


def component_keys(at: AppTest) -> set[str]:
    """The keys of the custom components."""
    return {str(component.key) for component in at.get("bidi_component")}


def button_keys(at: AppTest) -> set[str]:
    """The keys of the buttons."""
    return {str(button.key) for button in at.button}


def linked_pages(at: AppTest) -> set[str]:
    """The addresses that page links outside the sidebar lead to, as in "training?dataset=digits"."""
    links = [link.proto for link in at.main.get("page_link")]
    return {f"{link.page}?{link.query_string}".rstrip("?") for link in links}


def captions(at: AppTest) -> list[str]:
    """The captions below images in galleries."""
    galleries = [element.proto.body for element in at.get("html") if 'class="gallery"' in element.proto.body]
    spans = re.findall(r"<span>(.*?)</span>", "".join(galleries))
    return [html.unescape(re.sub(r"<.*?>", "", span)).replace("\N{NO-BREAK SPACE}", " ") for span in spans]


def pictures(at: AppTest) -> dict[str, np.ndarray]:
    """The images in galleries by their text for screen readers, uint8 (h, w, 3)."""
    found = {}
    for element in at.get("html"):
        for address, alt in re.findall(r'<img src="([^"]*)" alt="([^"]*)">', element.proto.body):
            with Image.open(io.BytesIO(base64.b64decode(address.removeprefix(PNG_PREFIX)))) as opened:
                found[html.unescape(alt)] = np.asarray(opened.convert("RGB"))
    return found
