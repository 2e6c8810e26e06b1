"""Widgets whose value is in the address (see ``link``): copying it shares the view."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from pages.shell import permalink
from pages.shell.errors import notice


def choice(key: str, label: str, options: Mapping[str, str], *, width: int, **more: Any) -> str:
    """One of ``options``, name in the address -> what it is called; the first is the default. ``more``: for the box."""
    first = next(iter(options))
    names = list(options)
    _show(st.selectbox, key, label, names, first, options=names, format_func=options.get, width=width, **more)
    return str(st.session_state[key])


def whole(
    key: str, label: str, valid: Sequence[int], best: int, *, width: int, forget: bool = False, help: str | None = None
) -> int:
    """A whole number from the first to the last of ``valid``; see ``link.read`` for ``forget``."""
    limits = {"min_value": valid[0], "max_value": valid[-1]}
    _show(st.number_input, key, label, valid, best, forget=forget, help=help, width=width, **limits)
    return int(st.session_state[key])


def step(key: str, label: str, valid: Sequence[float], best: float, *, width: int, forget: bool = False) -> float:
    """One of the amounts ``valid``, from a list."""
    _show(st.selectbox, key, label, valid, best, forget=forget, options=valid, width=width)
    return float(st.session_state[key])


def buttons(key: str, label: str, valid: Sequence[float], best: float, *, format_func: Callable[[Any], str]) -> float:
    """One of the few amounts ``valid``, each a button."""
    _settle(key, label, valid, best)
    st.segmented_control(label, valid, key=key, format_func=format_func, required=True)
    permalink.write(key, best)
    return float(st.session_state[key])


def switch(key: str, label: str, best: bool, *, forget: bool = False) -> bool:
    """Yes or no."""
    _show(st.toggle, key, label, (False, True), best, forget=forget)
    return bool(st.session_state[key])


def _show(
    widget: Callable[..., Any], key: str, label: str, valid: Sequence[Any], best: Any, forget: bool = False, **more: Any
) -> None:
    _settle(key, label, valid, best, forget)
    widget(label, key=key, persist_state="session", **more)
    permalink.write(key, best)


def _settle(key: str, label: str, valid: Sequence[Any], best: Any, forget: bool = False) -> None:
    """The value before its widget, and a sentence where a link asks for one that is not possible."""
    permalink.read(key, valid, best, thing=label.lower(), forget=forget)
    for sentence in permalink.take_problems():
        notice(sentence)
