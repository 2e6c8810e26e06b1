"""*Reset settings*: reopen a page in its initial state."""

import streamlit as st

from pages.shell import permalink

_RESETTING = "shell.resetting"


def reset(page: str) -> None:
    """Reset ``page``: clear its widgets' values, and the address except for data set, model and level."""
    for key in [key for key in st.session_state if str(key).startswith(f"{page}.")]:
        del st.session_state[key]
    for key in set(st.query_params) - set(permalink.KEYS):
        del st.query_params[key]
    st.session_state[_RESETTING] = True


def is_resetting() -> bool:
    """Whether this rerun must omit the page: a browser drops a widget's value only when the widget disappears."""
    return _RESETTING in st.session_state


@st.fragment(run_every=0.1)
def return_after_reset() -> None:
    """Replaces the page during that rerun; its first tick brings the page back."""
    if not st.session_state.pop(_RESETTING, False):
        st.rerun()
