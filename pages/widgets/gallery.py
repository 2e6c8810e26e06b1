"""Small images with a line below each, that wrap to any width: one picture file each, so that text stays text."""

import base64
import html
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import streamlit as st

from cnn.data.images import resize
from cnn.figures.mosaic import enlarge_to, png
from pages.widgets.probability_bars import unbroken

Mark = Literal["right", "wrong"]
_SIGN = {"right": "✓", "wrong": "✗", None: ""}


class Tile(NamedTuple):
    """One image: uint8 (h, w, C), what stands below it, what a screen reader says, and whether it is right or wrong."""

    image: np.ndarray
    caption: str
    alt: str
    mark: Mark | None = None


def gallery(tiles: Sequence[Tile], side: int = 96) -> None:
    """Show tiles, each at most ``side`` pixels and not smoothed; right and wrong have a sign and a frame."""
    items = "".join(_item(tile, side) for tile in tiles)
    st.html(f'<div role="list" class="gallery" style="--side: {side}px">{items}</div>')


def source(image: np.ndarray | bytes, side: int) -> str:
    """An image as a ``data:`` address of at most ``side`` pixels, not smoothed; a PNG file as it is."""
    if isinstance(image, bytes):
        return "data:image/png;base64," + base64.b64encode(image).decode()
    height, width = image.shape[:2]
    if max(height, width) > side:
        scale = side / max(height, width)
        image = resize(image, max(1, round(height * scale)), max(1, round(width * scale)))
    return "data:image/png;base64," + base64.b64encode(png(enlarge_to(image, side))).decode()


def _item(tile: Tile, side: int) -> str:
    caption, alt = unbroken(html.escape(tile.caption)), html.escape(tile.alt, quote=True)
    sign = f'<b aria-hidden="true">{_SIGN[tile.mark]}</b> ' if tile.mark else ""
    return (
        f'<div role="listitem" class="{tile.mark or "plain"}"><img src="{source(tile.image, side)}" alt="{alt}">'
        f"<span>{sign}{caption}</span></div>"
    )
