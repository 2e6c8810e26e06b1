"""The visitor's workspace: who owns which runs."""

import streamlit as st

from cnn import home
from pages.server.middleware import COOKIE, is_workspace


def workspace() -> str:
    """This visitor's workspace id, 22 URL-safe characters.

    It comes from the cookie. A browser that refuses cookies gets one that lasts as long as its tab.
    """
    cookie = st.context.cookies.get(COOKIE)
    if is_workspace(cookie):
        return str(cookie)
    if "shell.workspace" not in st.session_state:
        st.session_state["shell.workspace"] = home.new_id()
    return str(st.session_state["shell.workspace"])
