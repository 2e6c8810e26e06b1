"""The test images as the network sees them: a map to pick images from."""

from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis import studies
from cnn.analysis.evaluation.embedding import nearest_points, points_within
from cnn.data.split import Split
from cnn.figures.embedding_map import embedding_map_chart
from cnn.model.store import Card
from pages.lessons.evaluation.answered_images import SHOWN, show_answered_images
from pages.shell.page_layout import prose
from pages.shell.text import percent
from pages.shell.theme import palette
from pages.widgets import linked_inputs
from pages.widgets.study import study_result

SECONDS = 10.0  # measured with 2,000 images of CIFAR-10
LAYOUTS = {"tsne": "neighbours together · t-SNE", "pca": "as they lie · PCA"}
EVERY = "every class"
SIGNS = "Each sign is an image; the letters are the first of its class. ✗: named wrongly."


def embedding_map_view(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """The map, and the images picked from it; at first those around the surest mistake."""
    st.markdown("**Which images are alike to it?** · feature space")
    found = embedding(card, "Draw the map", page="evaluation")
    if found is None:
        prose(
            "The network turns every image into a few dozen numbers. Images with like numbers will lie close together."
        )
        return
    layout, highlight = choose_arrangement(card)
    positions, places = found["positions"], found[layout]
    truth, said = test.labels[positions], probabilities[positions].argmax(axis=1)
    chart = embedding_map_chart(places, positions, truth, said, card.class_names, palette(), highlight)
    key = f"evaluation.map.{card.id}.{layout}"
    alt = describe_map(len(positions))
    event = st.altair_chart(chart, key=key, on_select="rerun", alt=alt)
    st.caption(SIGNS)
    chosen, what = picked_points(event.get("selection", {}), places, positions)
    if not len(chosen):
        wrong = np.flatnonzero(truth != said)
        middle = int(wrong[probabilities[positions[wrong]].max(axis=1).argmax()]) if len(wrong) else 0
        chosen, what = nearest_points(places, middle, SHOWN), "Around its surest mistake on the map"
    st.markdown(f"**{what}**: {len(chosen):,} images" + (f", the first {SHOWN}" if len(chosen) > SHOWN else ""))
    show_answered_images(card, probabilities, test, positions[chosen])
    kept = percent(float(found["variance"]))
    prose(
        "**What it can tell.** Which images have like numbers before the last layer, and where classes touch. **What "
        "it cannot.** t-SNE keeps neighbours, not distances: gaps and sizes of islands mean nothing. PCA is a straight "
        f"look from the side on which most can be seen, here {kept} of all differences; the rest lies behind one "
        "another."
    )


def embedding(card: Card, label: str, *, page: str) -> studies.StudyResult | None:
    """The map; until it is worked out, a button of this ``label``, and None."""
    return study_result(card, "map", {}, label=label, seconds=SECONDS, page=page)


def choose_arrangement(card: Card) -> tuple[str, int | None]:
    """The arrangement that is chosen, one of ``LAYOUTS``, and the class to show before all others, or None."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layout = linked_inputs.choice("evaluation.layout", "Arranged", LAYOUTS, width=260)
        names = {EVERY: EVERY} | {name: name for name in card.class_names}
        lit = linked_inputs.choice("evaluation.highlight", "Show", names, width=220)
    return layout, None if lit == EVERY else card.class_names.index(lit)


def describe_map(count: int) -> str:
    """A map of ``count`` images in words, for those who do not see it."""
    return f"A map of {count:,} test images; the first letters of its class are written at some or all of them."


def picked_points(selection: dict[str, Any], places: np.ndarray, positions: np.ndarray) -> tuple[np.ndarray, str]:
    """The numbers of the picked images, int64, and what they are called; none at first.

    Args:
        selection: as the chart gives it, "picked" and "group".
    """
    group = selection.get("group") or {}
    if {"x", "y"} <= set(group):
        return points_within(places, tuple(group["x"]), tuple(group["y"])), "In the rectangle"
    for one in selection.get("picked") or []:
        numbers = np.flatnonzero(positions == one.get("position"))
        if len(numbers):
            return nearest_points(places, int(numbers[0]), SHOWN), "The image that you picked, and those next to it"
    return np.array([], np.int64), ""
