"""Models: which networks there are, how good and how large they are, and what is in them."""

import streamlit as st

from cnn.errors import CnnError
from cnn.keras_code.round_trip import round_trip_code
from cnn.keras_code.snippets import load_model_code
from cnn.model import store
from pages.lessons.models.damaged import show_damaged_runs
from pages.lessons.models.export import export_view
from pages.lessons.models.facts import kept_for, show_facts
from pages.lessons.models.import_model import import_view
from pages.lessons.models.layers import show_layers
from pages.lessons.models.round_trip import round_trip_view
from pages.lessons.models.table import show_table
from pages.shell import selection
from pages.shell.page_layout import page_foot, page_header, plain_notice
from pages.shell.text import literal
from pages.shell.weights_note import show_weights_note
from pages.shell.workspace import workspace
from pages.widgets.missing_network import offer_training
from pages.widgets.scores.mistakes import show_mistakes

VIEWS = {
    "facts": "Facts",
    "layers": "Look inside",
    "mistakes": "Mistakes",
    "trip": "Save and load",
    "away": "Download",
}

page_header("Models", "Which networks are there, and how good are they?", page="models")


code = None
cards = selection.usable_cards(store.cards(workspace()))
if cards:
    show_table(cards)
    if (sentence := kept_for()) and any(card.workspace for card in cards):
        st.caption(f"{sentence} The star is under *Facts*.")
show_damaged_runs()
code, about = load_model_code(), ""
if selection.model() is None:
    offer_training()
else:
    card = selection.selected_card()
    about = card.title
    with st.container(key="models.title"):
        st.header(literal(card.title), anchor=False)
    st.caption("The selected model; choose another at the top.")
    show_weights_note(*(shown.config.get("base") for shown in (*cards, card)))
    linked_view = st.query_params.get("view")
    if "models.view" not in st.session_state:
        st.session_state["models.view"] = linked_view if linked_view in VIEWS else "facts"
    view = st.segmented_control("View", list(VIEWS), key="models.view", format_func=VIEWS.__getitem__, required=True)
    show = {
        "facts": show_facts,
        "layers": show_layers,
        "mistakes": show_mistakes,
        "trip": round_trip_view,
        "away": export_view,
    }
    try:
        show[str(view)](card)
    except CnnError as error:
        plain_notice(error)
    if view == "trip":
        code = round_trip_code(one_logit=card.one_logit, pixel_seed=card.pixel_seed)
import_view()
page_foot(
    [
        "Compare two networks of one data set on the Evaluation page: does the larger one win, or could it be chance?",
        "Look at the most confident mistakes: who is wrong?",
    ],
    code=code,
    about=about,
    reading=[("Model cards (Mitchell et al., 2019)", "https://arxiv.org/abs/1810.03993")],
)
