"""Values that live in the address, so that copying it shares the view: ``level``, ``dataset``, ``model``.

Streamlit's ``bind="query-params"`` puts a widget's *label* into the address and drops unknown values in silence; a link
here carries names, and the page says so when it knows one no longer.
"""

from collections.abc import Sequence

import streamlit as st

KEYS = ("level", "dataset", "model")
_PROBLEMS = "shell.link_problems"


def asked(key: str) -> str | None:
    """What the address says of ``key`` and this session has not written there itself: a link that was just opened."""
    value = st.query_params.get(key)
    return value if value != st.session_state.get(f"shell.{key}.written") else None


def read(key: str, valid: Sequence[str], default: str, *, thing: str) -> str:
    """Settle the value of ``key``: what a link says, else the last choice, else ``default``.

    Args:
        key: name in the address.
        valid: values a link may have.
        default: a value of ``valid``.
        thing: what the value is called in the sentence about an unknown one, as in "data set".

    Returns:
        The session-state key that holds the value: the key for the widget that shows it. Call ``write`` after it.
    """
    state, chosen = st.session_state, f"shell.{key}"
    wanted = asked(key)
    if wanted is not None and wanted not in valid:
        state.setdefault(_PROBLEMS, []).append(
            f"The link names a {thing} that is not here, “{wanted[:40]}”. You see “{default}” instead."
        )
        wanted = default
    value = wanted or state.get(chosen)
    state[chosen] = value if value in valid else default
    return chosen


def write(key: str, default: str) -> None:
    """Put the value of ``key`` into the address. The default stays out of it, so that addresses are short."""
    value = st.session_state[f"shell.{key}"]
    written = value if value != default else None
    if written is None:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != written:
        st.query_params[key] = written
    st.session_state[f"shell.{key}.written"] = written


def problems() -> list[str]:
    """Sentences about unknown values in the link that was just opened; asking forgets them."""
    return st.session_state.pop(_PROBLEMS, [])
