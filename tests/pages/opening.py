"""Opening a page cold, the way a link does."""

from collections.abc import Iterator
from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

NAVIGATION = Path(__file__).parents[2] / "pages" / "navigation.py"


def open_page(file: str, **query: str) -> AppTest:
    """The page ``file`` of a new visitor, with an address's query; fails on an exception."""
    at = AppTest.from_file(str(NAVIGATION), default_timeout=120)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    at.switch_page(file).run()
    assert not at.exception
    return at


def texts(at: AppTest) -> str:
    """Everything the page says in text."""
    kinds = (at.title, at.header, at.subheader, at.markdown, at.caption)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\N{NO-BREAK SPACE}", " ")


def notices(at: AppTest) -> list[str]:
    """The sentences shown by ``pages.shell.errors.notice``: the only bordered containers of a fixed width."""
    return [
        str(block.markdown[0].value)
        for block in _blocks(at.main)
        if block.type == "flex_container" and block.proto.flex_container.border and block.proto.width_config.pixel_width
    ]


def _blocks(parent: Block) -> Iterator[Block]:
    for child in parent.children.values():
        if isinstance(child, Block):
            yield child
            yield from _blocks(child)
