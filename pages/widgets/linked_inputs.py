"""Widgets whose value is in the address (see ``permalink``), so that copying it shares the view.

``forget`` means that the last choice is ignored, as in ``permalink.read``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from pages.shell import permalink
from pages.shell.page_layout import show_link_problems


def choice(key: str, label: str, options: Mapping[str, str], *, width: int, **more: Any) -> str:
    """A select box.

    Args:
        options: {name in the address: label}; the first is the default.
        more: further arguments of ``st.selectbox``.
    """
    first = next(iter(options))
    names = list(options)
    _show_widget(st.selectbox, key, label, names, first, options=names, format_func=options.get, width=width, **more)
    return str(st.session_state[key])


def view(key: str, label: str, options: Mapping[str, str], *, on_change: Callable[[], None] | None = None) -> str:
    """A row of buttons for the views of a page, all of them in sight.

    Args:
        label: for screen readers.
        options: as in ``choice``.
        on_change: called when the visitor has clicked on another view, before the page reruns.
    """
    first = next(iter(options))
    _restore_value(key, label, list(options), first)
    st.segmented_control(
        label,
        list(options),
        key=key,
        format_func=options.__getitem__,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
        on_change=on_change,
    )
    permalink.write(key, first)
    return str(st.session_state[key])


def whole(
    key: str,
    label: str,
    valid: Sequence[int],
    default: int,
    *,
    width: int,
    forget: bool = False,
    help: str | None = None,
) -> int:
    """A number input for integers from the first to the last of ``valid``."""
    limits = {"min_value": valid[0], "max_value": valid[-1]}
    _show_widget(st.number_input, key, label, valid, default, forget=forget, help=help, width=width, **limits)
    return int(st.session_state[key])


def step(key: str, label: str, valid: Sequence[float], default: float, *, width: int, forget: bool = False) -> float:
    """A select box for one of the amounts ``valid``."""
    _show_widget(st.selectbox, key, label, valid, default, forget=forget, options=valid, width=width)
    return float(st.session_state[key])


def buttons(
    key: str, label: str, valid: Sequence[float], default: float, *, format_func: Callable[[Any], str]
) -> float:
    """A row of buttons for one of the few amounts ``valid``."""
    _restore_value(key, label, valid, default, title=format_func)
    st.segmented_control(label, valid, key=key, format_func=format_func, required=True)
    permalink.write(key, default)
    return float(st.session_state[key])


def switch(key: str, label: str, default: bool, *, forget: bool = False) -> bool:
    """A toggle."""
    _show_widget(st.toggle, key, label, (False, True), default, forget=forget)
    return bool(st.session_state[key])


def _show_widget(
    widget: Callable[..., Any],
    key: str,
    label: str,
    valid: Sequence[Any],
    default: Any,
    forget: bool = False,
    **more: Any,
) -> None:
    _restore_value(key, label, valid, default, forget, more.get("format_func"))
    widget(label, key=key, persist_state="session", **more)
    permalink.write(key, default)


def _restore_value(
    key: str,
    label: str,
    valid: Sequence[Any],
    default: Any,
    forget: bool = False,
    title: Callable[[Any], str] | None = None,
) -> None:
    """Set the value before its widget is shown; report a link that asks for an impossible one."""
    permalink.read(key, valid, default, label=label, forget=forget, title=title)
    show_link_problems(key)
