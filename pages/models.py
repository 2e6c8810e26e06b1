"""Models: which networks there are, how good and how large they are, and what is in them."""

import time

import pandas as pd
import streamlit as st

from cnn.analysis.evaluation.intervals import in_words
from cnn.data import catalog
from cnn.data.class_balance import majority_share
from cnn.errors import CnnError
from cnn.figures.model_sizes import model_sizes_chart
from cnn.jobs import queue
from cnn.keras_code.round_trip import round_trip_code
from cnn.keras_code.snippets import load_model_code
from cnn.model import store
from cnn.model.exchange.pixel_scaling import PIXELS
from cnn.model.layer_costs import layer_costs
from cnn.training.config import TrainConfig
from cnn.training.transfer_config import TransferConfig, config_of
from pages.lessons.models.claim import claim_view
from pages.lessons.models.export import export_view, keras_file_button
from pages.lessons.models.import_model import import_view
from pages.lessons.models.layers import show_layers
from pages.lessons.models.round_trip import round_trip_view
from pages.shell import selection
from pages.shell.csv_file import text_cell
from pages.shell.errors import attempt, show_refusal
from pages.shell.page_layout import as_keras_code, further_reading, notice, page_header, prose, try_this
from pages.shell.text import literal, percent
from pages.shell.theme import palette
from pages.shell.weights_note import show_weights_note
from pages.shell.workspace import workspace
from pages.widgets.scores.final_exam import show_final_exam
from pages.widgets.scores.mistakes import show_mistakes

VIEWS = {
    "facts": "Facts",
    "layers": "Look inside",
    "mistakes": "Mistakes",
    "trip": "Save and load",
    "away": "Take away",
}

page_header("Models", "Which networks are there, and how good are they?", page="models")


def show_table(cards: list[store.Card]) -> None:
    """Show all models in a table and a chart."""
    rows = [
        {
            "model": text_cell(card.title),
            "data set": text_cell(catalog.info(card.dataset).title),
            "right on held-out images": f"{100 * card.validation_accuracy:.1f} %" if card.measured else "not measured",
            "parameters": f"{card.parameters:,}",
            "file": f"{card.bytes / 1e6:.1f} MB",
            "made": time.strftime("%d %b %Y, %H:%M", time.localtime(card.created)),
            "whose": "yours" if card.workspace else "the app",
        }
        for card in cards
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="models.table")
    points = [
        {
            "name": card.title,
            "dataset": catalog.info(card.dataset).title,
            "parameters": card.parameters,
            "accuracy": card.validation_accuracy,
            "guessing": majority_share(card.dataset, "validation"),
            "own": card.workspace is not None,
        }
        for card in cards
        if card.measured
    ]
    st.altair_chart(
        model_sizes_chart(points, palette()),
        key="models.sizes",
        alt="Accuracy on held-out images and number of parameters of each model, by data set, as in the table.",
    )
    st.caption("The area of a dot is the number of parameters. The tick on each line marks what guessing gives.")


def _of_them_measured(config: TrainConfig | TransferConfig) -> str:
    """How many of a network's parameters batch normalisation measures; empty without it, or on a base."""
    if isinstance(config, TransferConfig):
        return ""
    costs = layer_costs(config.network, config.input_shape, len(catalog.info(config.dataset).class_names))
    measured = sum(cost.measured for cost in costs)
    return f", {measured:,} of them not learned but measured · non-trainable" if measured else ""


def describe_training(card: store.Card) -> str:
    """How a model was trained, in a sentence."""
    if card.brought:
        brought = card.config["brought"]
        return (
            f"Brought in as {literal(brought['file'])}; how it was trained is not known here. Its pixels are scaled: "
            f"{PIXELS[brought['pixels']].title}"
        )
    config = config_of(card.config)
    return (
        f"Trained on {catalog.info(card.dataset).title} for {card.epochs} epochs, batch size {config.batch_size}, "
        f"{config.optimizer}, learning rate {config.learning_rate:g}; {card.seconds:,.0f} s"
    )


def show_facts(card: store.Card) -> None:
    """Show a model's card, its file, and its owner's controls."""
    held_out = in_words(*card.validation) if card.measured else "not measured here"
    measured = "" if card.brought else _of_them_measured(config_of(card.config))
    prose(
        f"- On held-out images · validation: {held_out}; guessing gives "
        f"{percent(majority_share(card.dataset, 'validation'))}\n"
        f"- {card.parameters:,} parameters{measured}; {card.architecture}; "
        f"input {' x '.join(map(str, card.input_shape))}\n"
        f"- {describe_training(card)}\n"
        f"- Classes: {', '.join(map(literal, card.class_names))}"
        + (f"\n- Made with `{card.command}`" if card.command else "")
    )
    show_final_exam(card, key="models.exam")
    with st.container(horizontal=True, vertical_alignment="center", key="models.use"):
        keras_file_button(card)
        st.page_link("predict.py", label="Try a photo on it", query_params={"model": card.id})
    if card.workspace == workspace():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("Name", card.title, max_chars=80, key=f"models.name.{card.id}", width=320)
            st.button("Rename", key="models.rename", on_click=attempt, args=("models.rename", rename, card.id))
            confirmed = st.checkbox("Yes, delete it for good", key=f"models.sure.{card.id}")
            delete = ("models.delete", queue.delete, card.id, workspace())
            st.button("Delete", key="models.delete", disabled=not confirmed, on_click=attempt, args=delete)
        for key in ("models.rename", "models.delete"):
            show_refusal(key)
    claim_view(card)


def rename(id: str) -> None:
    """Give a model the name that its text field has now: a click may come before the page has followed the typing."""
    queue.rename(id, workspace(), st.session_state[f"models.name.{id}"])


cards = selection.usable_cards(store.cards(workspace()))
if cards:
    show_table(cards)
    card = selection.selected_card() if selection.model() else cards[0]
    with st.container(key="models.title"):
        st.header(card.title, anchor=False)
    st.caption("The selected model; choose another in the sidebar.")
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
        notice(str(error))
    import_view()
    code = load_model_code()
    if view == "trip":
        code = round_trip_code(one_logit=card.one_logit, pixel_seed=card.pixel_seed)
    as_keras_code(code)
try_this(
    [
        "Compare two networks of one data set on the Evaluation page: does the larger one win, or may it be chance?",
        "Look at the surest mistakes: who is wrong?",
    ]
)
further_reading([("Model cards (Mitchell et al., 2019)", "https://arxiv.org/abs/1810.03993")])
