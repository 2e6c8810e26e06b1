"""The visitor's workspace: who owns which runs."""

import streamlit as st

from cnn import home
from cnn.errors import CnnError
from pages.server.workspace_cookie import COOKIE, sent_workspace


def workspace() -> str:
    """This visitor's workspace id, 22 URL-safe characters.

    It comes from the cookie. A browser that refuses cookies, or sends an invented one, gets one that lasts as long as
    its tab.
    """
    if (sent := workspace_from_cookie()) is not None:
        return sent
    if "shell.workspace" not in st.session_state:
        st.session_state["shell.workspace"] = home.new_id()
    return str(st.session_state["shell.workspace"])


def workspace_from_cookie() -> str | None:
    """The workspace id that the browser sent, signed by this server; None if its next session will have another."""
    cookie = st.context.cookies.get(COOKIE)
    try:
        return sent_workspace(cookie) if isinstance(cookie, str) else None
    except CnnError:  # the key cannot be read, so every cookie may be invented
        return None
