"""The three networks that *Dense or convolutional?* compares, and the object that is dragged before them."""

import pandas as pd
import streamlit as st

from cnn.analysis.evaluation.intervals import in_brief
from cnn.data.builtin.shape_drawing import NAMES
from cnn.figures.accuracy_lines import accuracy_lines_chart
from pages.components.movable_object import Answers, movable_object
from pages.lessons.dense_or_convolutional.networks import BETWEEN, LINES, TITLES, _predict, measured, object_at_places
from pages.shell.page_layout import prose
from pages.shell.theme import palette
from pages.widgets import linked_inputs

SEEDS = range(1, 1000)


def left_and_right_view() -> None:
    """An object to drag, the three answers, and how often each network is right on either side."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = linked_inputs.choice("dense.kind", "Object", {name: name for name in ("star", *NAMES)}, width=180)
        seed = linked_inputs.whole("dense.seed", "Which one", SEEDS, 1, width=140)
    drawn = object_at_places(NAMES.index(kind), seed)
    answers = [Answers(title, _predict("shapes-left-right", name)(drawn.images)) for name, title in TITLES.items()]
    movable_object(drawn, answers, NAMES, key="dense.drag")
    found = measured()["left_right"]
    rows = [
        {
            "network": TITLES[name],
            "parameters": f"{each['parameters']:,}",
            "on the left, as practised": in_brief(**each["validation"]),
            "on the right, never seen": in_brief(**each["test"]),
        }
        for name, each in found["networks"].items()
    ]
    st.table(pd.DataFrame(rows).set_index("network"))
    st.caption(BETWEEN)
    prose(
        "Each learned from the same 7,200 drawings, all objects on the left, with the same recipe; guessing gives "
        "12.5 %. **The tutorial's convnet does hardly better than the dense one**: its filters find a star anywhere, "
        "but *Flatten* writes down where each finding was, and its dense layer has only ever read the left."
    )
    right = {TITLES[name]: each["by_place"] for name, each in found["networks"].items()}
    st.markdown(f"**{found['objects']} objects, each at every place**")
    st.altair_chart(
        accuracy_lines_chart(
            right,
            found["centres"],
            found["objects"],
            title="column of the object's middle, in pixels",
            chance=1 / len(NAMES),
            palette=palette(),
        ),
        key="dense.places",
        alt="Accuracy by place: near the practised column, 8, all are best; only the one with global pooling knows the "
        "objects on the right.",
    )
    st.caption(LINES)
    variants = found["padding_and_pooling"]
    prose(
        "**What it takes**, measured on the right: "
        + "; ".join(f"{label}, {100 * each['correct'] / each['count']:.0f}\u00a0%" for label, each in variants.items())
        + ". Global pooling forgets the place. Padding lets the windows at the edges see what those in the middle see. "
        "Only both together help, and even then the line has waves, four pixels long: pooling twice looks at every "
        "fourth place, and what falls between two of them looks different."
    )
