"""Opening a page in a new session, as a link does."""

import re
from collections.abc import Iterator
from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

ROOT = Path(__file__).parents[2]
NAVIGATION = str(ROOT / "pages" / "navigation.py")


def open_page(file: str, **query: str) -> AppTest:
    """Open the page ``file`` as a new visitor, with query parameters; fails on an exception."""
    at = AppTest.from_file(NAVIGATION, default_timeout=120)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    at.switch_page(file).run()
    assert not at.exception
    return at


def upload(at: AppTest, *files: tuple[str, bytes]) -> None:
    """Upload photos by the strip of pictures: (name, bytes) pairs."""
    at.segmented_control(key="picture.way").set_value("upload").run()
    for name, data in files:
        at.file_uploader(key="picture.files").upload(name, data)
    at.run()


def texts(at: AppTest) -> str:
    """All text of a page, the sidebar included."""
    kinds = (at.title, at.header, at.subheader, at.markdown, at.caption)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\N{NO-BREAK SPACE}", " ")


def notices(at: AppTest) -> list[str]:
    """The sentences shown by ``pages.shell.errors.notice``, as they are read: without the escapes of ``literal``.

    Theirs are the only bordered containers of a fixed width.
    """
    return [
        re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", str(block.markdown[0].value))
        for block in _blocks(at.main)
        if block.type == "flex_container" and block.proto.flex_container.border and block.proto.width_config.pixel_width
    ]


def _blocks(parent: Block) -> Iterator[Block]:
    for child in parent.children.values():
        if isinstance(child, Block):
            yield child
            yield from _blocks(child)


def main_text(at: AppTest) -> str:
    """The paragraphs and captions of a page, without the sidebar."""
    return "\n".join(element.value for element in (*at.main.markdown, *at.main.caption))
