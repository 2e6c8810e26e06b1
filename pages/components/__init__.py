"""Parts of pages that run in the browser: each a folder with its Python, JavaScript and CSS."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st


def browser_component(
    folder: Path, html: str, scripts: Sequence[str] | None = None, *, isolate_styles: bool = True
) -> Callable[..., Any]:
    """Register the component of a folder ``<name>``, with the stylesheet ``<name>.css`` in it.

    Args:
        folder: of the component.
        html: its markup.
        scripts: names, without ``.js``, of scripts to join in this order, because a component cannot import from its
            neighbours; "../<script>" is one that several components share; None for ``<name>.js`` alone.
        isolate_styles: whether its stylesheet is for its own markup alone, and not for the page around it.

    Returns:
        What ``st.components.v2.component`` returns; it must be given a key, and takes every key.
    """
    name = folder.name
    component = st.components.v2.component(
        f"convnet_lab_{name}",
        html=html,
        css=(folder / f"{name}.css").read_text(),
        js="\n".join((folder / f"{script}.js").read_text() for script in scripts or [name]),
        isolate_styles=isolate_styles,
    )

    def show(*, key: str, **arguments: Any) -> Any:
        return component(key=component_key(key), **arguments)

    return show


def component_key(key: str) -> str:
    """The key by which Streamlit knows a component, in the session's state too.

    Streamlit fails where the key of a component holds "__". The id of one network in two hundred does, and so may the
    names of layers of a network from elsewhere.
    """
    return re.sub("_(?=_)", "_.", key)
