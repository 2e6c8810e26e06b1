"""The visitor's workspace: who owns which runs."""

import streamlit as st

from cnn import home
from pages.server.middleware import COOKIE, is_workspace


def workspace() -> str:
    """This visitor's workspace id, 22 URL-safe characters.

    It comes from the cookie. A browser that refuses cookies gets one that lasts as long as its tab.
    """
    if (sent := workspace_from_cookie()) is not None:
        return sent
    if "shell.workspace" not in st.session_state:
        st.session_state["shell.workspace"] = home.new_id()
    return str(st.session_state["shell.workspace"])


def workspace_from_cookie() -> str | None:
    """The workspace id that the browser sent; None if it sent none, so that its next session will have another."""
    cookie = st.context.cookies.get(COOKIE)
    return str(cookie) if is_workspace(cookie) else None
