"""Values that live in the address, so that copying it shares the view: focus, level, and the settings of a run.

Streamlit's ``bind="query-params"`` puts a widget's *label* into the address and drops unknown values in silence; a link
here carries names, and the page says so when it knows one no longer. Nor can a bound widget be given another default: a
browser goes on sending the value it has.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

KEYS = ("level", "dataset", "model")
_PROBLEMS = "shell.link_problems"


def value_in_link(key: str) -> str | None:
    """What the address says of ``key`` and this session has not written there itself: a link that was just opened."""
    value = st.query_params.get(key)
    return value if value != st.session_state.get(_written(key)) else None


def read(key: str, valid: Sequence[Any], default: Any, *, thing: str, forget: bool = False) -> str:
    """Settle the value of ``key``: what a link says, else the last choice, else ``default``.

    Args:
        key: name in the address.
        valid: values a link may have; text, numbers or both truth values.
        default: a value of ``valid``.
        thing: what the value is called in the sentence about an unknown one, as in "data set".
        forget: whether the last choice no longer counts.

    Returns:
        The session-state key that holds the value: the key for the widget that shows it, which gets no value of its
        own. Call ``write`` after it.
    """
    state, chosen = st.session_state, _chosen(key)
    text = value_in_link(key)
    wanted = None if text is None else _value(text, valid)
    if text is not None and wanted is None:
        add_problem(f"The link names a {thing} that is not here, “{text[:40]}”. You see “{_text(default)}” instead.")
        wanted = default
    value = wanted if wanted is not None else None if forget else state.get(chosen)
    value = value if value is not None and value in valid else default
    # Only a value that is new goes to the browser: one that comes back while somebody turns a knob would turn it back.
    if chosen not in state or state[chosen] != value:
        state[chosen] = value
    return chosen


def write(key: str, default: Any) -> None:
    """Put the value of ``key`` into the address. The default stays out of it, so that addresses are short."""
    value = st.session_state[_chosen(key)]
    written = _text(value) if value != default else None
    if written is None:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != written:
        st.query_params[key] = written
    st.session_state[_written(key)] = written


def read_text(key: str) -> str:
    """Settle the free text of ``key``: what a link says, else what was last put there with ``write_text``, else "".

    Nobody has looked at it yet: the caller says whether it makes sense.
    """
    state = st.session_state
    state[_chosen(key)] = value_in_link(key) or state.get(_chosen(key), "")
    return str(state[_chosen(key)])


def write_text(key: str, text: str) -> None:
    """Take another text for ``key``, and put it into the address; an empty one stays out of it."""
    st.session_state[_chosen(key)] = text
    write(key, "")


def drop(key: str) -> None:
    """Take ``key`` out of the address: the page does not show it now. What was chosen is kept."""
    st.query_params.pop(key, None)
    st.session_state[_written(key)] = None


def add_problem(sentence: str) -> None:
    """Have the page say ``sentence`` with those about links."""
    st.session_state.setdefault(_PROBLEMS, []).append(sentence)


def take_problems() -> list[str]:
    """Sentences about unknown values in the link that was just opened; asking forgets them."""
    return st.session_state.pop(_PROBLEMS, [])


def _chosen(key: str) -> str:
    """Where the value is: below a page's own prefix, where *Reset this page* finds it, or below the shell's."""
    return key if "." in key else f"shell.{key}"


def _written(key: str) -> str:
    return f"shell.{key}.written"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _value(text: str, valid: Sequence[Any]) -> Any:
    """The value of ``valid`` that ``text`` means, or None."""
    if isinstance(valid, range):
        # Not more digits than the largest has: int() refuses 4,301 of them.
        number = text.isascii() and text.isdecimal() and len(text) <= len(str(valid[-1]))
        return int(text) if number and int(text) in valid else None
    return next((value for value in valid if _text(value) == text), None)
