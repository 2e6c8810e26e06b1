"""Values kept in the address, so that copying it shares the view: selection, level, and the settings of a run.

Streamlit's ``bind="query-params"`` puts a widget's *label* into the address and silently drops unknown values. Links
here carry names, and the page reports unknown ones. A bound widget also cannot change its default, because the browser
keeps sending its current value.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

KEYS = ("level", "dataset", "model")
_PAGE, _IS_NEW = "shell.page", "shell.page_is_new"
_SECONDS_TO_ARRIVE = 3.0  # for a value on its way to the browser, also on a slow network
_PROBLEMS = "shell.link_problems"


def note_page(page: str) -> None:
    """Note which page is shown, on every rerun and before any value is read: another page has another address.

    A page that has just been opened sends its address to the browser even where nothing has changed. A timer of the
    page before may have made Streamlit take that page's address for this one's; values would seem to be in the
    address that are not.
    """
    st.session_state[_IS_NEW] = st.session_state.get(_PAGE) != page
    st.session_state[_PAGE] = page
    if st.session_state[_IS_NEW]:
        st.query_params.from_dict(st.query_params.to_dict())


def value_in_link(key: str) -> str | None:
    """The value of ``key`` in a link that was just opened: in the address, but not written there by this session."""
    value = st.query_params.get(key)
    if value != st.session_state.get(_written_key(key)):
        return value
    if value is not None:
        st.session_state[_seen_key(key)] = value
    return None


def went_back(key: str) -> bool:
    """Whether the visitor has gone back to an address of this page from before ``key`` was written into it.

    Right after ``write`` the browser may not have the value yet, so it counts as gone only if the browser has sent it
    before, or has had ``_SECONDS_TO_ARRIVE``. What all pages share stays: a link from one page to another, or to
    itself, need not name it.
    """
    state = st.session_state
    written = state.get(_written_key(key))
    if written is None or key in st.query_params or key in KEYS or state.get(_IS_NEW, True):
        return False
    has_arrived = time.monotonic() - state.get(_set_at_key(key), 0.0) > _SECONDS_TO_ARRIVE
    return has_arrived or state.get(_seen_key(key)) == written


def read(
    key: str,
    valid: Sequence[Any],
    default: Any,
    *,
    label: str,
    forget: bool = False,
    title: Callable[[Any], str] | None = None,
) -> str:
    """Determine the value of ``key``: from a link, else the last choice, else ``default``.

    Args:
        key: name in the address.
        valid: values that a link may have: text, numbers or both booleans.
        default: one of ``valid``.
        label: what the message about an unknown value calls it, as in "Data set".
        forget: whether to ignore the last choice.
        title: gives what people call a value; None if they read it as it is.

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
            f"You see “{(title or _format)(default)}” instead."
        )
        linked = default
    if linked is None and went_back(key):
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
        st.session_state.pop(_seen_key(key), None)
        st.session_state[_set_at_key(key)] = time.monotonic()
    else:
        st.session_state[_seen_key(key)] = written
    st.session_state[_written_key(key)] = written


def read_text(key: str) -> str:
    """Determine the free text of ``key``: from a link, else the last one given to ``write_text``, else "".

    Going back to an address without it makes it "".

    It is not validated; that is up to the caller.
    """
    state = st.session_state
    linked = value_in_link(key)
    state[_state_key(key)] = linked or ("" if went_back(key) else state.get(_state_key(key), ""))
    return str(state[_state_key(key)])


def write_text(key: str, text: str) -> None:
    """Set the text of ``key`` and put it into the address; an empty one is left out."""
    st.session_state[_state_key(key)] = text
    write(key, "")


def choose_text(key: str, text: str) -> None:
    """Set the text of ``key`` in a widget's callback; ``read_text`` gives it in the rerun that follows."""
    st.session_state[_state_key(key)] = text


def drop(key: str) -> None:
    """Remove ``key`` from the address while the page does not show it; its value is kept."""
    st.query_params.pop(key, None)
    st.session_state[_written_key(key)] = None


def add_problem(sentence: str) -> None:
    """Add ``sentence``, which is no Markdown, to the problems that the page reports about links."""
    st.session_state.setdefault(_PROBLEMS, []).append(sentence)


def take_problems() -> list[str]:
    """Return and clear the sentences about unknown values in the link that was just opened."""
    return st.session_state.pop(_PROBLEMS, [])


def _state_key(key: str) -> str:
    """The session-state key: under the page's prefix, where *Reset settings* finds it, else under the shell's."""
    return key if "." in key else f"shell.{key}"


def _written_key(key: str) -> str:
    return f"shell.{key}.written"


def _seen_key(key: str) -> str:
    return f"shell.{key}.seen"


def _set_at_key(key: str) -> str:
    return f"shell.{key}.set_at"


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
