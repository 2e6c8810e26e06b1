"""A map of embedded images as an Altair chart: small pictures of some, dots for the others, and all selectable."""

import base64
import io
from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pandas as pd
from PIL import Image

from cnn.figures.palette import Palette

HEIGHT = 560
SIDE = 28  # of a picture, in pixels
_FRAME = 3
_COLOURS = 64  # of a picture: hardly to be told from all of them, and a third of the bytes
_HALF = SIDE // 2 + _FRAME
_ROOM = 2 * _HALF + 2  # for a picture with its frame
_NARROW, _WIDE = 340, 760  # widths of maps, in pixels: on a phone or beside another; on a laptop
_MOST = 150  # pictures, so that the message stays small


class EmbeddingMap(NamedTuple):
    """Embedded images.

    Attributes:
        points: float (N, 2).
        positions: int (N,), of the images in their split.
        true_labels: int (N,), class indices.
        predicted: int (N,), class indices.
    """

    points: np.ndarray
    positions: np.ndarray
    true_labels: np.ndarray
    predicted: np.ndarray


def without_overlap(embedding: EmbeddingMap, highlight: int | None = None, *, height: int = HEIGHT) -> np.ndarray:
    """Which images have room for a picture on a wide map, chosen greedily: first those that have it on a phone, too.

    Args:
        highlight: index of the only class to choose from, or None.
        height: of the map, in pixels.

    Returns:
        int64 (n,), indices into ``embedding.points``, at most 150.
    """
    candidates = np.arange(len(embedding.points))
    if highlight is not None:
        candidates = np.flatnonzero(embedding.true_labels == highlight)
    narrow = _add_apart(embedding.points, [], candidates, (_NARROW, height))
    return np.array(_add_apart(embedding.points, narrow, candidates, (_WIDE, height)), np.int64)


def _add_apart(points: np.ndarray, chosen: Sequence[int], candidates: np.ndarray, size: tuple[int, int]) -> list[int]:
    """``chosen``, and those of the ``candidates`` whose pictures overlap none before them on a map of (width, height).

    All are indices into ``points``, float (N, 2).
    """
    unit = (points - points.min(axis=0)) / np.maximum(np.ptp(points, axis=0), 1e-9)
    room = _ROOM / (np.array(size) - 2 * _HALF)
    apart = list(chosen)
    for index in candidates.tolist():
        if len(apart) < _MOST and not (np.abs(unit[apart] - unit[index]) < room).all(axis=1).any():
            apart.append(index)
    return apart


def embedding_map_chart(
    embedding: EmbeddingMap,
    pictures: dict[int, np.ndarray],
    class_names: Sequence[str],
    palette: Palette,
    highlight: int | None = None,
    *,
    height: int = HEIGHT,
    pick: bool = True,
) -> alt.LayerChart:
    """Some images as pictures in a frame of the class's colour, the others as dots; mistakes are marked by a cross.

    Of more classes than ``palette`` has colours for, mistakes alone have a colour of their own.

    A click picks one image ("picked", by its ``position``), a rectangle drawn with the pointer a group ("group", x and
    y).

    Args:
        pictures: uint8 (h, w, 1 or 3) each, by their indices into ``embedding.points``, see ``without_overlap``.
        highlight: index of a class to emphasise, or None.
        pick: whether images can be picked.
    """
    axis = alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=None)
    lows, highs = embedding.points.min(axis=0).tolist(), embedding.points.max(axis=0).tolist()
    scales = [alt.Scale(domain=ends, zero=False, nice=False, padding=_HALF) for ends in zip(lows, highs, strict=True)]
    base = alt.Chart(_table(embedding, pictures, class_names, highlight, height)).encode(
        x=alt.X("x:Q", axis=axis, scale=scales[0]), y=alt.Y("y:Q", axis=axis, scale=scales[1])
    )
    colour = _colour(class_names, palette)
    opacity = alt.Opacity("opacity:Q", scale=None, legend=None)
    signs = base.mark_text().encode(
        text="sign:N", color=colour, opacity=opacity, size=alt.Size("size:Q", scale=None, legend=None)
    )
    shown = base.transform_filter(f"datum.picture != '' && (datum.narrow || width >= {_WIDE})")
    frames = shown.mark_square(opacity=1, size=(2 * _HALF) ** 2).encode(color=colour)
    images = shown.mark_image(width=SIDE, height=SIDE).encode(url="picture:N")
    right, up = _HALF - 3, 3 - _HALF  # to the corner of a frame
    mistakes = shown.transform_filter("datum.wrong")
    badges = mistakes.mark_point(filled=True, opacity=1, size=200, color=palette.wrong, xOffset=right, yOffset=up)
    crosses = mistakes.mark_text(text="✗", size=12, fontWeight="bold", color=palette.surface, xOffset=right, yOffset=up)
    # Over all others, so that a picture takes no click or hint away from them.
    touched = base.mark_point(opacity=0).encode(tooltip=["is:N", "named:N", "position:Q"])
    if pick:
        picked = alt.selection_point(name="picked", fields=["position"], toggle=False, nearest=True)
        # A draggable rectangle would swallow every click inside it; in this one, a press starts a new rectangle.
        group = alt.selection_interval(name="group", translate=False, zoom=False)
        touched = touched.add_params(picked, group)
    chart = alt.layer(signs, frames, images, badges, crosses, touched).configure_view(stroke=None)
    # On a canvas, because in SVG the rectangle has no name for screen readers; the page names the whole chart.
    return chart.properties(height=height, usermeta={"embedOptions": {"renderer": "canvas"}})


def _colour(class_names: Sequence[str], palette: Palette) -> Any:
    """The colour of an image's dot or frame: that of its class, or that of a mistake."""
    if len(class_names) > len(palette.classes):
        return alt.condition("datum.wrong", alt.value(palette.wrong), alt.value(palette.text))
    colours = alt.Scale(domain=list(class_names), range=list(palette.classes[: len(class_names)]))
    return alt.Color("is:N", scale=colours, legend=None)


def _table(
    embedding: EmbeddingMap,
    pictures: dict[int, np.ndarray],
    class_names: Sequence[str],
    highlight: int | None,
    height: int,
) -> pd.DataFrame:
    """One row per image; "narrow" says whether its picture has room on a narrow map."""
    points, positions, true_labels, predicted = embedding
    count = len(true_labels)
    wrong = true_labels != predicted
    emphasised = np.ones(count, bool) if highlight is None else true_labels == highlight
    addresses = np.full(count, "", object)
    for index, image in pictures.items():
        addresses[index] = _picture_address(image)
    narrow = np.zeros(count, bool)
    narrow[_add_apart(points, [], np.array(list(pictures), np.int64), (_NARROW, height))] = True
    return pd.DataFrame(
        {
            "x": points[:, 0],
            "y": points[:, 1],
            "position": positions,
            "sign": np.where(wrong, "✗", "●"),
            "picture": addresses,
            "narrow": narrow,
            "is": np.array(class_names)[true_labels],
            "named": np.array(class_names)[predicted],
            "wrong": wrong,
            "opacity": np.where(emphasised, np.where(wrong, 0.8, 0.35), 0.12),
            "size": np.where(wrong, 11, 7),
        }
    )


def _picture_address(image: np.ndarray) -> str:
    """The ``data:`` address of a small PNG file of an image, uint8 (h, w, 1 or 3)."""
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    if max(picture.size) != SIDE:
        picture = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    if picture.mode == "RGB":
        picture = picture.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
