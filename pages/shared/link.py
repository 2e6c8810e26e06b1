"""Values that live in the address, so that copying it shares the view: ``level``, ``dataset``, ``model``.

Streamlit's ``bind="query-params"`` puts a widget's *label* into the address and drops unknown values in silence; a link
here carries names, and says so when it knows one no longer.
"""

from collections.abc import Sequence

import streamlit as st

_PROBLEMS = "shell.link_problems"


def read(key: str, valid: Sequence[str], default: str, *, thing: str) -> str:
    """The session-state key of the value of ``key``, set to: what a link says, else the last choice, else ``default``.

    Hand the result to a widget as its key, then call ``write``.

    Args:
        key: name in the address.
        valid: values a link may have.
        default: a value of ``valid``.
        thing: what the value is called in the sentence about an unknown one, as in "data set".
    """
    state, chosen = st.session_state, f"shell.{key}"
    asked = st.query_params.get(key)
    if asked is not None and asked != state.get(f"{chosen}.written"):
        if asked in valid:
            state[chosen] = asked
        else:
            state.setdefault(_PROBLEMS, []).append(
                f"The link names a {thing} that is not here, “{asked[:40]}”. You see “{default}” instead."
            )
            state[chosen] = default
    if state.get(chosen) not in valid:
        state[chosen] = default
    return chosen


def write(key: str, default: str) -> None:
    """Put the value of ``key`` into the address. The default stays out of it, so that addresses are short."""
    value = st.session_state[f"shell.{key}"]
    if value != default:
        if st.query_params.get(key) != value:
            st.query_params[key] = value
    elif key in st.query_params:
        del st.query_params[key]
    st.session_state[f"shell.{key}.written"] = value if value != default else None


def problems() -> list[str]:
    """Sentences about unknown values in the link of this run; asking forgets them."""
    return st.session_state.pop(_PROBLEMS, [])
