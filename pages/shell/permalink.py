"""Values kept in the address, so that copying it shares the view: selection, level, and the settings of a run.

Streamlit's ``bind="query-params"`` puts a widget's *label* into the address and silently drops unknown values. Links
here carry names, and the page reports unknown ones. A bound widget also cannot change its default, because the browser
keeps sending its current value.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

KEYS = ("level", "dataset", "model")
_PROBLEMS = "shell.link_problems"


def value_in_link(key: str) -> str | None:
    """The value of ``key`` in a link that was just opened: in the address, but not written there by this session."""
    value = st.query_params.get(key)
    return value if value != st.session_state.get(_written_key(key)) else None


def read(key: str, valid: Sequence[Any], default: Any, *, label: str, forget: bool = False) -> str:
    """Determine the value of ``key``: from a link, else the last choice, else ``default``.

    Args:
        key: name in the address.
        valid: values that a link may have: text, numbers or both booleans.
        default: one of ``valid``.
        label: what the message about an unknown value calls it, as in "Data set".
        forget: whether to ignore the last choice.

    Returns:
        The session-state key that holds the value, for the widget that shows it; give that widget no value of its own,
        and call ``write`` after it.
    """
    state, state_key = st.session_state, _state_key(key)
    text = value_in_link(key)
    linked = None if text is None else _parse(text, valid)
    if text is not None and linked is None:
        add_problem(
            f"{label[0].upper()}{label[1:]}: the link chooses “{text[:40]}”, which is not here. "
            f"You see “{_format(default)}” instead."
        )
        linked = default
    value = linked if linked is not None else None if forget else state.get(state_key)
    value = value if value is not None and value in valid else default
    # Only a new value goes to the browser: echoing the current one would undo a change the visitor is just making.
    if state_key not in state or state[state_key] != value:
        state[state_key] = value
    return state_key


def write(key: str, default: Any) -> None:
    """Put the value of ``key`` into the address; the default is left out, to keep addresses short."""
    value = st.session_state[_state_key(key)]
    written = _format(value) if value != default else None
    if written is None:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != written:
        st.query_params[key] = written
    st.session_state[_written_key(key)] = written


def read_text(key: str) -> str:
    """Determine the free text of ``key``: from a link, else the last one given to ``write_text``, else "".

    It is not validated; that is up to the caller.
    """
    state = st.session_state
    state[_state_key(key)] = value_in_link(key) or state.get(_state_key(key), "")
    return str(state[_state_key(key)])


def write_text(key: str, text: str) -> None:
    """Set the text of ``key`` and put it into the address; an empty one is left out."""
    st.session_state[_state_key(key)] = text
    write(key, "")


def drop(key: str) -> None:
    """Remove ``key`` from the address while the page does not show it; its value is kept."""
    st.query_params.pop(key, None)
    st.session_state[_written_key(key)] = None


def add_problem(sentence: str) -> None:
    """Add ``sentence`` to the problems that the page reports about links."""
    st.session_state.setdefault(_PROBLEMS, []).append(sentence)


def take_problems() -> list[str]:
    """Return and clear the sentences about unknown values in the link that was just opened."""
    return st.session_state.pop(_PROBLEMS, [])


def _state_key(key: str) -> str:
    """The session-state key: under the page's prefix, where *Reset this page* finds it, else under the shell's."""
    return key if "." in key else f"shell.{key}"


def _written_key(key: str) -> str:
    return f"shell.{key}.written"


def _format(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _parse(text: str, valid: Sequence[Any]) -> Any:
    """The value of ``valid`` that ``text`` stands for, or None."""
    if isinstance(valid, range):
        # No more digits than the largest value has: int() refuses 4,301 or more.
        is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(valid[-1]))
        return int(text) if is_number and int(text) in valid else None
    return next((value for value in valid if _format(value) == text), None)
