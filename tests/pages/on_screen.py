"""What an opened page shows, found by key, role or number, so that its wording may change."""

import re

from streamlit.testing.v1 import AppTest

from tests.pages.opening import texts


def mentions(at: AppTest, *values: object) -> bool:
    """Whether one line of text holds these values in this order, each as a whole word, whatever is between them."""
    pattern = ".*?".join(rf"(?<!\w){re.escape(str(value))}(?!\w)" for value in values)
    return re.search(pattern, texts(at)) is not None


def component_keys(at: AppTest) -> set[str]:
    """The keys of the custom components."""
    return {str(component.key) for component in at.get("bidi_component")}


def button_keys(at: AppTest) -> set[str]:
    """The keys of the buttons."""
    return {str(button.key) for button in at.button}


def linked_pages(at: AppTest) -> set[str]:
    """The addresses, without query, of the pages that page links lead to."""
    return {link.proto.page for link in at.get("page_link")}


def gallery_html(at: AppTest) -> str:
    """All galleries of images with their captions and alternative texts."""
    return "".join(element.proto.body for element in at.get("html"))
