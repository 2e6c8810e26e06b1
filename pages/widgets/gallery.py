"""Small images with a line below each, that wrap to any width: one picture file each, so that text stays text."""

import html
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import streamlit as st

from pages.components.data_uri import image_data_uri
from pages.shell.text import unbroken

Mark = Literal["right", "wrong"]
_SIGN = {"right": "✓", "wrong": "✗", None: ""}


class GalleryImage(NamedTuple):
    """One image: uint8 (h, w, C), what stands below it, what a screen reader says, and whether it is right or wrong."""

    image: np.ndarray
    caption: str
    alt: str
    mark: Mark | None = None


def gallery(tiles: Sequence[GalleryImage], side: int = 96) -> None:
    """Show tiles, each at most ``side`` pixels and not smoothed; right and wrong have a sign and a frame."""
    items = "".join(_item(tile, side) for tile in tiles)
    st.html(f'<div role="list" class="gallery" style="--side: {side}px">{items}</div>')


def _item(tile: GalleryImage, side: int) -> str:
    caption, alt = unbroken(html.escape(tile.caption)), html.escape(tile.alt, quote=True)
    sign = f'<b aria-hidden="true">{_SIGN[tile.mark]}</b> ' if tile.mark else ""
    address = image_data_uri(tile.image, side)
    return (
        f'<div role="listitem" class="{tile.mark or "plain"}"><img src="{address}" alt="{alt}">'
        f"<span>{sign}{caption}</span></div>"
    )
