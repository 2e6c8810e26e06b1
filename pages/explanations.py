"""Explanations: which parts of a picture an answer depends on, and how far such explanations can be trusted."""

import streamlit as st

from cnn.keras_code.snippets import grad_cam_code
from pages.lessons.explanations.heatmaps import heatmap_view
from pages.lessons.explanations.occlusion import occlusion_view
from pages.shell.page_layout import page_foot, page_header, prose
from pages.shell.text import literal, percent
from pages.widgets import linked_inputs
from pages.widgets.selected_image import select_image

VIEWS = {"hide": "Hide parts", "heat": "Heatmaps"}

page_header("Explanations", "Which part of the picture made the network say that?", page="explain")
selected = select_image()
if selected is not None:
    best = int(selected.probabilities.argmax())
    name = literal(selected.card.class_names[best])
    with st.container(horizontal=True, vertical_alignment="center", key="explain.answer"):
        st.header(f"It says: {name}, {percent(float(selected.probabilities[best]))}", anchor=False, width="content")
        view = linked_inputs.view("explain.view", "Method", VIEWS)
    (occlusion_view if view == "hide" else heatmap_view)(selected)

prose(
    "**What to notice.** Each method asks a different question, and none reads the network's mind. If the bright part "
    "is the background, the network may have learned the background."
)
page_foot(
    [
        "Hide parts until the network changes its answer. How little must you hide?",
        "Ask for the evidence of another class. Does the same place speak for both?",
        "Take a picture that it gets wrong. What did it look at?",
        "In the Lab level: randomise the weights, layer by layer. Which method notices first?",
    ],
    code=grad_cam_code(*(selected.card.pixel_seed, selected.reading) if selected else ()),
    about=selected.card.title if selected else "",
    reading=[
        ("Grad-CAM (Selvaraju et al., 2017)", "https://arxiv.org/abs/1610.02391"),
        ("Sanity checks for saliency maps (Adebayo et al., 2018)", "https://arxiv.org/abs/1810.03292"),
        ("Axiomatic attribution: integrated gradients (Sundararajan et al., 2017)", "https://arxiv.org/abs/1703.01365"),
    ],
)
