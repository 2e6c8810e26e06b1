"""Small images with captions, wrapping to any width; each is a picture of its own, so that captions stay text."""

import html
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Literal, NamedTuple

import numpy as np
import streamlit as st

from pages.components.data_uri import image_data_uri
from pages.shell.text import unbroken

Mark = Literal["right", "wrong"]
_SIGNS = {"right": "✓", "wrong": "✗", None: ""}


class GalleryImage(NamedTuple):
    """An image, uint8 (h, w, C) or a PNG file, with its caption, its text for screen readers, and its mark, if any."""

    image: np.ndarray | bytes
    caption: str
    alt: str
    mark: Mark | None = None


def gallery(tiles: Sequence[GalleryImage], side: int = 96, *, key: str | None = None) -> None:
    """Show images of at most ``side`` pixels, without smoothing; a mark adds a sign and a frame.

    Args:
        key: names it for tests and style sheets, as a widget's key does.
    """
    items = "".join(_item(tile, side) for tile in tiles)
    with st.container(key=key) if key else nullcontext():
        st.html(f'<div role="list" class="gallery" style="--side: {side}px">{items}</div>')


def _item(tile: GalleryImage, side: int) -> str:
    caption, alt = unbroken(html.escape(tile.caption)), html.escape(tile.alt, quote=True)
    sign = f'<b aria-hidden="true">{_SIGNS[tile.mark]}</b> ' if tile.mark else ""
    address = image_data_uri(tile.image, side)
    return (
        f'<div role="listitem" class="{tile.mark or "plain"}"><img src="{address}" alt="{alt}">'
        f"<span>{sign}{caption}</span></div>"
    )
