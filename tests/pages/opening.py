"""Opening a page cold, the way a link does."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

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
