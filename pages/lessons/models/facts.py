"""One model in words: its scores, its size, how it was trained; its owner can rename and delete it here."""

import streamlit as st

from cnn import limits
from cnn.analysis.evaluation.intervals import in_words
from cnn.data import catalog
from cnn.data.class_balance import majority_share
from cnn.jobs import queue
from cnn.model.exchange.pixel_scaling import PIXELS
from cnn.model.layer_costs import layer_costs
from cnn.model.store import Card
from cnn.requests import names
from cnn.training.config import TrainConfig
from cnn.training.transfer_config import TransferConfig, config_of
from pages.lessons.models.claim import claim_view
from pages.lessons.models.export import keras_file_button
from pages.lessons.models.picture_storage import show_picture_storage
from pages.shell.errors import attempt, show_refusal
from pages.shell.page_layout import prose
from pages.shell.text import literal, percent
from pages.shell.workspace import workspace
from pages.widgets.scores.final_exam import show_final_exam


def show_facts(card: Card) -> None:
    """Show a model's card, its file, and its owner's controls."""
    held_out = in_words(*card.validation) if card.measured else "not measured here"
    measured = "" if card.brought else _of_them_measured(config_of(card.config))
    prose(
        f"- On validation images: {held_out}; guessing gives "
        f"{percent(majority_share(card.dataset, 'validation'))}\n"
        f"- {card.parameters:,} parameters{measured}; {literal(card.network)}; "
        f"input {' x '.join(map(str, card.input_shape))}\n"
        f"- {_describe_training(card)}\n"
        f"- Classes: {', '.join(map(literal, card.class_names))}"
        + (f"\n- Made with `{card.command}`" if card.command else "")
    )
    show_final_exam(card, key="models.exam")
    show_picture_storage(card)
    with st.container(horizontal=True, vertical_alignment="center", key="models.use"):
        keras_file_button(card)
        st.page_link("predict.py", label="Try a photo on it", query_params={"model": card.id})
    if card.workspace == workspace():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("Name", card.title, max_chars=80, key=f"models.name.{card.id}", width=320)
            st.toggle(
                "★ Keep",
                card.starred,
                key=f"models.star.{card.id}",
                on_change=attempt,
                args=("models.star", _star, card.id),
                help=kept_for(),
            )
            st.button("Rename", key="models.rename", on_click=attempt, args=("models.rename", _rename, card.id))
            confirmed = st.checkbox("Yes, delete it for good", key=f"models.sure.{card.id}")
            delete = ("models.delete", queue.delete, card.id, workspace())
            st.button("Delete", key="models.delete", disabled=not confirmed, on_click=attempt, args=delete)
        for key in ("models.star", "models.rename", "models.delete"):
            show_refusal(key)
    claim_view(card)


def _of_them_measured(config: TrainConfig | TransferConfig) -> str:
    """How many of a network's parameters batch normalisation measures; empty without it, or on a base."""
    if isinstance(config, TransferConfig):
        return ""
    costs = layer_costs(config.network, config.input_shape, len(catalog.info(config.dataset).class_names))
    measured = sum(cost.measured for cost in costs)
    return f", {measured:,} of them not learned but measured · non-trainable" if measured else ""


def _describe_training(card: Card) -> str:
    """How a model was trained, in a sentence."""
    if card.brought:
        brought = card.config["brought"]
        return (
            f"Brought in as {literal(brought['file'])}; how it was trained is not known here. Its pixels are scaled: "
            f"{PIXELS[brought['pixels']].title}"
        )
    config = config_of(card.config)
    return (
        f"Trained on {literal(catalog.info(card.dataset).title)} for {card.epochs} epochs, "
        f"batch size {config.batch_size}, {config.optimizer}, learning rate {config.learning_rate:g}; "
        f"{card.seconds:,.0f} s"
    )


def kept_for() -> str | None:
    """How long a visitor's runs are kept, in a sentence; None if they are kept until somebody deletes them."""
    days = limits.limit(limits.SWEEP_DAYS)
    if days == 0:
        return None
    return (
        f"Runs and models of a browser that has not been back for {days} days are deleted, the oldest first. "
        "Those with a star are kept."
    )


def _star(id: str) -> None:
    queue.star(id, workspace(), starred=st.session_state[f"models.star.{id}"])


def _rename(id: str) -> None:
    """Give a model the name that its text field has now: a click may come before the page has followed the typing."""
    names.rename_model(id, workspace(), st.session_state[f"models.name.{id}"])
