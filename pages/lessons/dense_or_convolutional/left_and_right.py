"""The view *Left and right*: networks trained with objects on the left only, tested with objects anywhere."""

from typing import Any

import pandas as pd
import streamlit as st

from cnn.analysis.evaluation.intervals import CAPTION, in_brief
from cnn.data.builtin.shape_drawing import NAMES
from cnn.figures.accuracy_lines import accuracy_lines_chart
from pages.components.movable_object import Answers, movable_object
from pages.lessons.dense_or_convolutional.networks import (
    LINES,
    TITLES,
    load_measurements,
    object_at_positions,
    predict_function,
)
from pages.shell.page_layout import prose, section
from pages.shell.theme import palette
from pages.widgets import linked_inputs
from pages.widgets.charts.chart import show_chart

SEEDS = range(1, 1000)


def left_and_right_view() -> None:
    """Show an object to drag with the three predictions, and each network's accuracy on either side."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = linked_inputs.choice("dense.kind", "Object", {name: name for name in ("star", *NAMES)}, width=180)
        seed = linked_inputs.whole("dense.seed", "Which one", SEEDS, 1, width=140)
    drawings = object_at_positions(NAMES.index(kind), seed)
    answers = [
        Answers(title, predict_function("shapes-left-right", name)(drawings.images)) for name, title in TITLES.items()
    ]
    movable_object(drawings, answers, NAMES, key="dense.drag")
    measurements = load_measurements()["left_right"]
    _show_accuracy_table(measurements["networks"])
    prose(
        "Each learned from the same 7,200 drawings, all objects on the left, with the same recipe; guessing gives "
        "12.5 %. **The simple CNN does hardly better than the fully connected network**: its filters find a star "
        "anywhere, but *Flatten* writes down where each finding was, and its dense layer has only ever read the left."
    )
    _show_accuracy_chart(measurements)
    prose(
        "**What it takes**, measured on the right: "
        + "; ".join(
            f"{label}, {100 * result['correct'] / result['count']:.0f}\u00a0%"
            for label, result in measurements["padding_and_pooling"].items()
        )
        + ". Global pooling forgets the place. Padding lets the windows at the edges see what those in the middle see. "
        "Only both together help, and even then the line has waves, four pixels long: pooling twice looks at every "
        "fourth place, and what falls between two of them looks different."
    )


def _show_accuracy_table(networks: dict[str, Any]) -> None:
    """Show each network's size and its accuracy on objects on the left and on the right."""
    rows = [
        {
            "network": TITLES[name],
            "parameters": f"{network['parameters']:,}",
            "on the left, as in training": in_brief(**network["validation"]),
            "on the right, never seen": in_brief(**network["test"]),
        }
        for name, network in networks.items()
    ]
    st.table(pd.DataFrame(rows).set_index("network"))
    st.caption(CAPTION)


def _show_accuracy_chart(measurements: dict[str, Any]) -> None:
    """Show each network's accuracy at every position of the object."""
    count = measurements["objects"]
    correct = {TITLES[name]: network["by_place"] for name, network in measurements["networks"].items()}
    section(f"**{count} objects, each at every place**")
    show_chart(
        accuracy_lines_chart,
        correct,
        measurements["centres"],
        count,
        title="column of the object's middle, in pixels",
        chance=1 / len(NAMES),
        palette=palette(),
        key="dense.places",
        alt="Accuracy by place: near column 8, as in training, all are best; only the one with global pooling knows "
        "the objects on the right.",
    )
    st.caption(LINES)
