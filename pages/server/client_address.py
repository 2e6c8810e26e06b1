"""From which address in the network a page's request comes."""

import streamlit as st
from streamlit.runtime import exists


def client_address() -> str | None:
    """The address of the browser whose page runs in this thread; None on this machine itself, or if no page runs."""
    return st.context.ip_address if exists() else None
