"""Images that the network has not learned from, in its feature space: a map to pick images from."""

import html
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import streamlit as st

from cnn.analysis import studies
from cnn.analysis.evaluation.embedding import nearest_points, points_within
from cnn.data.split import Split
from cnn.figures.embedding_map import HEIGHT, EmbeddingMap, embedding_map_chart, without_overlap
from cnn.model.store import Card
from pages.lessons.evaluation.predictions import MAX_SHOWN, show_predictions
from pages.shell.page_layout import prose, section
from pages.shell.text import percent
from pages.shell.theme import palette
from pages.widgets import linked_inputs
from pages.widgets.scores.split_words import images_of
from pages.widgets.study import study_result

SECONDS = 10.0  # measured with 2,000 images of CIFAR-10
LAYOUTS = {"tsne": "neighbours together · t-SNE", "pca": "as they lie · PCA"}
ALL_CLASSES = "every class"
AROUND_MISTAKE = "Around its most confident mistake on the map"
AROUND_PICKED, IN_RECTANGLE = "The image that you picked, and those next to it", "In the rectangle"
LEGEND = "Each dot is an image; some are shown, in a frame of their class's colour. ✗: named wrongly."


def embedding_map_view(card: Card, probabilities: np.ndarray, split: Split) -> None:
    """The map, and the images picked from it; at first those around the most confident mistake."""
    section("**Which images look alike to the network?** · feature space")
    result = embedding(card, split, "Draw the map", page="evaluation")
    if result is None:
        prose(
            "The network turns every image into a few dozen numbers. Images with like numbers will lie close together."
        )
        return
    layout, highlight = choose_layout(card)
    indices, points = result["positions"], result[layout]
    labels, predicted = split.labels[indices], probabilities[indices].argmax(axis=1)
    chart = draw_map(card, split, EmbeddingMap(points, indices, labels, predicted), highlight)
    key = f"evaluation.map.{card.id}.{layout}"
    event = st.altair_chart(chart, key=key, on_select="rerun", alt=describe_map(len(indices), split))
    show_legend(card.class_names)
    picked, title = picked_points(event.get("selection", {}), points, indices)
    if not len(picked):
        wrong = np.flatnonzero(labels != predicted)
        centre = int(wrong[probabilities[indices[wrong]].max(axis=1).argmax()]) if len(wrong) else 0
        picked, title = nearest_points(points, centre, MAX_SHOWN), AROUND_MISTAKE
    limit = f", the first {MAX_SHOWN}" if len(picked) > MAX_SHOWN else ""
    with st.container(key="evaluation.map.chosen"):
        section(f"**{title}**: {len(picked):,} images{limit}", level=3)
    show_predictions(card, probabilities, split, indices[picked])
    explained = percent(float(result["variance"]))
    prose(
        "**What it can tell.** Which images have like numbers before the last layer, and where classes touch. **What "
        "it cannot.** t-SNE keeps neighbours, not distances: gaps and sizes of islands may mean nothing. PCA is a "
        f"straight look from the side on which most can be seen, here {explained} of all differences; the rest lies "
        "behind one another."
    )


def draw_map(
    card: Card, split: Split, embedding_map: EmbeddingMap, highlight: int | None, **more: Any
) -> alt.LayerChart:
    """The chart of a map with small pictures of those images that have room for one.

    Args:
        highlight: index of a class to emphasise, or None.
        more: ``height`` and ``pick`` of ``embedding_map_chart``.
    """
    shown = without_overlap(embedding_map, highlight, height=more.get("height", HEIGHT))
    images = split.take(embedding_map.positions[shown])  # small copies: decoding a hundred photos takes half a second
    pictures = dict(zip(shown.tolist(), images, strict=True))
    return embedding_map_chart(embedding_map, pictures, card.class_names, palette(), highlight, **more)


def show_legend(class_names: Sequence[str]) -> None:
    """Say what the signs of a map mean, and which class has which colour."""
    colours = palette().classes
    if len(class_names) <= len(colours):
        items = "".join(
            f'<li><i style="background: {colour}"></i>{html.escape(name)}</li>'
            for name, colour in zip(class_names, colours, strict=False)
        )
        with st.container(key="evaluation.map.legend"):
            st.html(f'<ul class="colours" aria-label="The colour of each class">{items}</ul>')
    st.caption(LEGEND)


def embedding(card: Card, split: Split, label: str, *, page: str) -> studies.StudyResult | None:
    """The map; until it is computed, a button labelled ``label``, and None.

    Args:
        page: prefix of the button's key.
    """
    return study_result(card, "map", studies.settings_for(split.name), label=label, seconds=SECONDS, page=page)


def choose_layout(card: Card) -> tuple[str, int | None]:
    """The selected layout, one of ``LAYOUTS``, and the class to highlight, or None."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layout = linked_inputs.choice("evaluation.layout", "Arranged", LAYOUTS, width=260)
        names = {ALL_CLASSES: ALL_CLASSES} | {name: name for name in card.class_names}
        highlight = linked_inputs.choice("evaluation.highlight", "Highlight", names, width=220)
    return layout, None if highlight == ALL_CLASSES else card.class_names.index(highlight)


def describe_map(count: int, split: Split) -> str:
    """Alternative text for a map of ``count`` images of a split."""
    return f"A map of {count:,} {images_of(split)}; some are shown as small pictures."


def picked_points(selection: dict[str, Any], points: np.ndarray, indices: np.ndarray) -> tuple[np.ndarray, str]:
    """The picked points and a title for them; no points before the first pick.

    Args:
        selection: of the chart, with "picked" and "group".
        points: float (N, 2), the map.
        indices: int (N,), the position of each point's image in the split.

    Returns:
        (int64 indices into ``points``, title).
    """
    rectangle = selection.get("group") or {}
    if {"x", "y"} <= set(rectangle):
        return points_within(points, tuple(rectangle["x"]), tuple(rectangle["y"])), IN_RECTANGLE
    for picked in selection.get("picked") or []:
        matches = np.flatnonzero(indices == picked.get("position"))
        if len(matches):
            return nearest_points(points, int(matches[0]), MAX_SHOWN), AROUND_PICKED
    return np.array([], np.int64), ""
