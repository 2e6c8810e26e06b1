"""From which address in the network a page's request comes."""

import streamlit as st
from streamlit.runtime import exists
from streamlit.runtime.scriptrunner import get_script_run_ctx


def client_address() -> str | None:
    """The address of the browser whose page runs in this thread; None on this machine itself, or if no page runs."""
    is_page = exists() and get_script_run_ctx(suppress_warning=True) is not None
    return st.context.ip_address if is_page else None
