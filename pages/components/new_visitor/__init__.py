"""Has the browser ask the server for a new workspace, and open the start page with it."""

from pathlib import Path

from pages.components import browser_component

_component = browser_component(Path(__file__).parent, '<p class="line" role="status">One moment …</p>')


def new_visitor(app: str, *, key: str) -> None:
    """Do so at once; the cookie is out of reach for scripts, so the server's answer sets it.

    Args:
        app: the address of the start page, which ends with a slash.
    """
    _component(data=app, key=key)
