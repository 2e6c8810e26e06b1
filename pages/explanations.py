"""Explanations: which parts of a picture an answer depends on, and how far such explanations can be trusted."""

import streamlit as st

from cnn.keras_code.snippets import grad_cam_code
from pages.lessons.explanations.heatmaps import heatmap_view
from pages.lessons.explanations.occlusion import occlusion_view
from pages.shell.page_layout import as_keras_code, further_reading, page_header, prose, try_this
from pages.shell.text import literal, percent
from pages.widgets import linked_inputs
from pages.widgets.selected_image import select_image

VIEWS = {"hide": "Hide parts of the picture", "heat": "Ask the network itself: heatmaps"}

page_header("Explanations", "Which part of the picture made the network say that?", page="explain")
selected = select_image("explain")
if selected is not None:
    best = int(selected.probabilities.argmax())
    name = literal(selected.card.class_names[best])
    st.markdown(f"**It says: {name}, {percent(float(selected.probabilities[best]))}.**")
    view = linked_inputs.choice("explain.view", "Method", VIEWS, width=300)
    (occlusion_view if view == "hide" else heatmap_view)(selected)

prose(
    "**What to notice.** Every method asks another question, and none reads the network's mind. If the bright part is "
    "the background, the network may have learned the background."
)
try_this(
    [
        "Hide parts until the network changes its answer. How little must you hide?",
        "Ask for the evidence of another class. Does the same place speak for both?",
        "Take a picture that it gets wrong. What did it look at?",
        "In the Lab level: randomise the weights, layer by layer. Which method notices first?",
    ]
)
as_keras_code(grad_cam_code(*(selected.card.pixel_seed, selected.reading) if selected else ()))
further_reading(
    [
        ("Grad-CAM (Selvaraju et al., 2017)", "https://arxiv.org/abs/1610.02391"),
        ("Sanity checks for saliency maps (Adebayo et al., 2018)", "https://arxiv.org/abs/1810.03292"),
        ("Axiomatic attribution: integrated gradients (Sundararajan et al., 2017)", "https://arxiv.org/abs/1703.01365"),
    ]
)
