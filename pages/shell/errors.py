"""Errors as visitors see them: a sentence, never a traceback."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from cnn.errors import CnnError
from pages.shell.text import literal

_log = logging.getLogger(__name__)
PROSE = 500  # pixels: lines of about 68 characters in the body font
_PADDING = 32
OUR_SIDE = (
    "Something went wrong on our side, and it has been written to the log. Your runs and models are safe. "
    "Reload the page, or choose *Reset settings* in the menu at its top."
)


def notice(text: str, *, key: str | None = None) -> None:
    """Show a framed sentence that the visitor should read before going on.

    Args:
        key: names it for tests and style sheets, as a widget's key does, whatever its words are.
    """
    with st.container(border=True, width=PROSE + _PADDING, key=key):
        st.markdown(text)


def plain_notice(sentence: object, *, key: str | None = None) -> None:
    """As ``notice``, for what is no Markdown and may hold what people have typed: a ``CnnError``, a job's reason."""
    notice(literal(str(sentence)), key=key)


def attempt(key: str, action: Callable[..., object], *arguments: object) -> None:
    """Call ``action`` in a widget's callback; ``show_refusal`` with the same key shows the ``CnnError`` it raises."""
    st.session_state.pop(f"{key}.refused", None)
    try:
        action(*arguments)
    except CnnError as error:
        st.session_state[f"{key}.refused"] = str(error)


def refusal(key: str) -> str | None:
    """The error message of the last ``attempt`` with this key; None if it succeeded."""
    return st.session_state.get(f"{key}.refused")


def show_refusal(key: str) -> None:
    """Show ``refusal`` once; it is gone on the next rerun."""
    if sentence := st.session_state.pop(f"{key}.refused", None):
        plain_notice(sentence, key=f"{key}.refusal")


@contextmanager
def sentences() -> Iterator[None]:
    """Show a ``CnnError`` raised in the block as a sentence in its place.

    The navigation wraps every page in it; a page needs it only to continue below an error. Other exceptions are bugs
    and propagate, to ``on_script_error`` or to the test that expects them.
    """
    try:
        yield
    except CnnError as error:
        plain_notice(error)


def on_script_error(error: Exception) -> bool:
    """Streamlit's hook for exceptions from a page, callback or fragment; True keeps Streamlit from showing its own."""
    if isinstance(error, CnnError):
        plain_notice(error)
    else:
        _log.error("A page failed.", exc_info=error)
        notice(OUR_SIDE)
    return True
