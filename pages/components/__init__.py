"""Parts of pages that run in the browser: each a folder with its Python, JavaScript and CSS."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer


def browser_component(
    folder: Path, html: str, scripts: Sequence[str] | None = None, *, isolate_styles: bool = True
) -> ComponentRenderer:
    """Register the component of a folder ``<name>``, with the stylesheet ``<name>.css`` in it.

    Args:
        folder: of the component.
        html: its markup.
        scripts: names, without ``.js``, of scripts to join in this order, because a component cannot import from its
            neighbours; "../<script>" is one that several components share; None for ``<name>.js`` alone.
        isolate_styles: whether its stylesheet is for its own markup alone, and not for the page around it.
    """
    name = folder.name
    return st.components.v2.component(
        f"convnet_lab_{name}",
        html=html,
        css=(folder / f"{name}.css").read_text(),
        js="\n".join((folder / f"{script}.js").read_text() for script in scripts or [name]),
        isolate_styles=isolate_styles,
    )
