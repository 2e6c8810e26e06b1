"""*Reset this page*: opening a page anew."""

import streamlit as st

from pages.shell import permalink

_RESETTING = "shell.resetting"


def reset(page: str) -> None:
    """Open ``page`` anew: forget its widgets' values, and what the address says beyond data set, model and level."""
    for key in [key for key in st.session_state if str(key).startswith(f"{page}.")]:
        del st.session_state[key]
    for key in set(st.query_params) - set(permalink.KEYS):
        del st.query_params[key]
    st.session_state[_RESETTING] = True


def is_resetting() -> bool:
    """Whether this run must leave the page out: a browser forgets a widget's value only when the widget is gone."""
    return _RESETTING in st.session_state


@st.fragment(run_every=0.1)
def return_after_reset() -> None:
    """What stands in place of the page in that run; its first tick brings the page back."""
    if not st.session_state.pop(_RESETTING, False):
        st.rerun()
