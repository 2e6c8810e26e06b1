"""Every text of an opened page by the place it stands in, and whether a name may stand there as it is."""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

from google.protobuf.message import Message
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Node

from cnn.data.image_decoding import shown_name
from pages.shell.text import literal
from tests.pages.typed_text.hostile_names import MARKER, NAMES

# Streamlit's frontend makes text of these, each in its own way.
PLAIN = {
    "BidiComponent.json",  # the components' scripts write names with textContent
    "Code.code_text",
    "ImageList.imgs.alt",
    "MultiSelect.options",
    "Selectbox.options",
    "Selectbox.raw_value",
    "TextInput.default",
    "TextInput.value",
    "VegaLiteChart.alt",
    "VegaLiteChart.datasets.data.data",
    "VegaLiteChart.spec",
}
CELLS = {"Dataframe.arrow_data.data"}  # plain, but a person can download them as CSV
MARKDOWN = {
    "Button.label",
    "ButtonGroup.options.content",
    "Heading.body",
    "Markdown.body",
    "PageLink.label",
    "Progress.text",
    "Radio.options",
    "Table.arrow_data.data",
}
HTML = {"Html.body"}
IDENTIFIERS = re.compile(r"(^|\.)(id|element_id|form_id|user_key|page_hash|query_string|mount_html|element_hash)$")


class Place(NamedTuple):
    """Where a text stands, such as ``Markdown.body``, and the text."""

    field: str
    text: str


def places(at: AppTest) -> list[Place]:
    """All texts of a page that hold one of the names, or a part of it."""
    # No public way leads to blocks and to elements that AppTest does not know.
    found = [place for node in nodes(at._tree) if isinstance(node.proto, Message) for place in texts(node.proto)]
    return [place for place in found if MARKER in place.text]


def nodes(parent: Block) -> Iterator[Node]:
    for child in parent.children.values():
        if getattr(child, "proto", None) is not None:
            yield child
        if isinstance(child, Block):
            yield from nodes(child)


def texts(message: Message) -> Iterator[Place]:
    """All texts in a message of Streamlit's, those in tables cell by cell."""
    name = message.DESCRIPTOR.name
    for path, value in values(message):
        field = f"{name}.{path}"
        if IDENTIFIERS.search(field):
            continue
        yield from (Place(field, text) for text in (cells(value) if isinstance(value, bytes) else [value]))


def values(message: Message, path: str = "") -> Iterator[tuple[str, str | bytes]]:
    for field, value in message.ListFields():
        here = f"{path}{field.name}"
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            value = [part for pair in value.items() for part in pair]
        elif not field.is_repeated:
            value = [value]
        for one in value:
            if isinstance(one, Message):
                yield from values(one, f"{here}.")
            elif isinstance(one, (str, bytes)):
                yield here, one


def cells(data: bytes) -> list[str]:
    """The texts of a table in Arrow's format, its headers too."""
    try:
        table = convert_arrow_bytes_to_pandas_df(data)
    except Exception:
        return [data.decode("utf-8", "ignore")]
    return [str(cell) for cell in (*table.columns, *table.index, *table.to_numpy().ravel())]


def problem(place: Place) -> str | None:
    """What is wrong with a name in a place; None if it is text there."""
    text = re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), place.text)  # as JSON writes them
    hidden = [c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c not in "\n\u2060"]
    if hidden:
        return f"holds {hidden!r}"
    if place.field in MARKDOWN:
        return None if MARKER not in without_names(place.text, literal) else "is not escaped for Markdown"
    if place.field in HTML:
        return None if MARKER not in without_names(place.text, html.escape) else "is not escaped for HTML"
    if place.field in CELLS:
        return "is a formula in Streamlit's own download" if place.text.startswith(("=", "+", "-", "@")) else None
    return None if place.field in PLAIN else "stands in a place that is neither known as plain nor as Markdown"


def problems(at: AppTest) -> list[str]:
    """A line for each place of a page in which a name is more than text."""
    found = [(place, sentence) for place in places(at) if (sentence := problem(place))]
    return [f"{place.field} {sentence}: {place.text[:300]!r}" for place, sentence in found]


def without_names(text: str, escape: Callable[[str], str]) -> str:
    """The text without the names that are escaped in it, and those that ``shown_name`` has made harmless."""
    for name in NAMES:
        inside = escape(f"x{name}")[1:]  # a sentence; there a hyphen makes no list
        for written in (escape(name), inside, escape(shown_name(name)), shown_name(name)):
            text = text.replace(written, "")
    return text
