"""Below which path of its host the app is served, where a proxy gives it a part of a larger site."""

from urllib.parse import urljoin

import streamlit as st
from starlette.types import Scope

BASE_PATH = "STREAMLIT_SERVER_BASE_URL_PATH"
"""Streamlit's own setting as an environment variable; it is also ``server.baseUrlPath`` in its files and flags."""


def base_path() -> str:
    """The path, such as ``/lab``; "" at the root."""
    return as_base_path(st.get_option("server.baseUrlPath") or "")


def as_base_path(setting: str) -> str:
    """The path that a value of the setting means: it may begin and end with slashes or not."""
    path = setting.strip().strip("/")
    return f"/{path}" if path else ""


def address_in_app(url: str, path: str) -> str:
    """The address of ``path``, such as ``models?level=lab``, for a visitor who sees the app's page ``url``.

    Streamlit calls the start page ``/lab`` as well as ``/lab/``, so what is beside the page may be outside the app.
    """
    return urljoin(url, f"{base_path()}/{path}")


def path_in_app(scope: Scope, base: str) -> str:
    """The path of a request without ``base``; as it is, if it is not below it."""
    path: str = scope["path"]
    return path.removeprefix(base) if path.startswith(f"{base}/") else path
