"""What a person sees when something goes wrong: a sentence, never a traceback."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from cnn.errors import CnnError

_log = logging.getLogger(__name__)
PROSE = 500  # pixels: lines of 68 characters of the body font, give or take a word
_PADDING = 32
OUR_SIDE = (
    "Something went wrong on our side, and it has been written to the log. Your runs and models are safe. "
    "Reload the page, or press *Reset this page*."
)


def notice(text: str) -> None:
    """A calm framed sentence, for what a person should know before going on."""
    with st.container(border=True, width=PROSE + _PADDING):
        st.markdown(text)


def attempt(key: str, action: Callable[..., object], *arguments: object) -> None:
    """For a widget's callback: do something that may be refused; ``show_refusal`` of the same key then says why."""
    st.session_state.pop(f"{key}.refused", None)
    try:
        action(*arguments)
    except CnnError as error:
        st.session_state[f"{key}.refused"] = str(error)


def refusal(key: str) -> str | None:
    """Why the last ``attempt`` under this key was refused; None where it was not."""
    return st.session_state.get(f"{key}.refused")


def show_refusal(key: str) -> None:
    """``refusal``, once: the next run of the page no longer shows it."""
    if sentence := st.session_state.pop(f"{key}.refused", None):
        notice(sentence)


@contextmanager
def sentences() -> Iterator[None]:
    """Show the sentence of a ``CnnError`` where it happened; the rest of the page goes on.

    The navigation wraps every page in it, so a page needs it only to go on below an error. Other exceptions are bugs:
    they pass on to ``on_script_error``, and to a test that looks for them.
    """
    try:
        yield
    except CnnError as error:
        notice(str(error))


def on_script_error(error: Exception) -> bool:
    """Streamlit's hook for whatever escaped a page, a callback or a fragment. True: nothing else is shown."""
    if isinstance(error, CnnError):
        notice(str(error))
    else:
        _log.error("A page failed.", exc_info=error)
        notice(OUR_SIDE)
    return True
