"""The selected data set and model: the same on all pages, in the sidebar and in the address.

The two stay consistent: selecting a model also selects the data set it was trained on, and selecting a data set also
selects a model trained on it, if there is one.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from cnn.data import catalog
from cnn.data.own import own_datasets
from cnn.errors import ModelError
from cnn.home import home
from cnn.model import store
from pages.shell import permalink
from pages.shell.workspace import workspace

DEFAULT_DATASET = "digits"
DEFAULT_MODEL = "digits-tutorial"


def dataset() -> str:
    """Name of the selected data set, for ``cnn.data.catalog.info``."""
    return str(st.session_state.get("shell.dataset", DEFAULT_DATASET))


def model() -> str | None:
    """Id of the selected model, for ``cnn.model.store.card``; None while there is no model."""
    return st.session_state.get("shell.model")


def selected_card() -> store.Card:
    """The card of the selected model, read from disk; only if ``model()`` is not None.

    Raises:
        ModelError: it has been deleted since, or is damaged.
    """
    return store.card(str(model()))


def select(*, dataset: str | None = None, model: str | None = None) -> None:
    """Select a data set, a model or both: in a widget's callback, or followed by ``st.rerun()``."""
    st.session_state["shell.selecting"] = (dataset, model)


def describe_selection() -> str:
    """The selection in one line, for a page's header."""
    card = _card(model())
    return f"Data set: **{catalog.info(dataset()).title}** · Model: **{card.title if card else 'none yet'}**"


def show_pickers() -> None:
    """Show the two pickers, for the sidebar."""
    cards = {card.id: card for card in available_models()}
    _apply_selection(cards)

    names = _available_datasets()
    key = permalink.read("dataset", names, DEFAULT_DATASET, label="Data set")
    st.selectbox(
        "Data set",
        names,
        key=key,
        format_func=lambda name: catalog.info(name).title,
        on_change=lambda: select(dataset=dataset()),
    )
    permalink.write("dataset", DEFAULT_DATASET)

    if not cards:
        st.session_state["shell.model"] = None
        st.caption("No model yet: train one.")
        return
    default = DEFAULT_MODEL if DEFAULT_MODEL in cards else next(iter(cards))
    if model() not in (None, *cards) and permalink.value_in_link("model") is None:
        permalink.add_problem(f"The selected model has been deleted. You see “{default}” instead.")
    key = permalink.read("model", list(cards), default, label="Model")
    st.selectbox(
        "Model", list(cards), key=key, format_func=lambda id: cards[id].title, on_change=lambda: select(model=model())
    )
    permalink.write("model", default)


def available_models() -> list[store.Card]:
    """The models that the visitor can select: the pretrained ones, then their own, newest first."""
    runs = home() / "runs"
    return _cards(workspace(), str(runs), runs.stat().st_mtime_ns if runs.exists() else 0)


@st.cache_data(ttl=2, max_entries=64, show_spinner=False)
def _cards(workspace: str, runs: str, changed: int) -> list[store.Card]:
    """Cached because ``store.cards`` opens two files per run: a class has hundreds, and every rerun needs the list."""
    return usable_cards(store.cards(workspace))


@st.cache_data(ttl=2, max_entries=64, show_spinner=False)
def _own_datasets(workspace: str, home: str) -> list[str]:
    return own_datasets.names(workspace)


def forget_lists() -> None:
    """Clear the cached lists of data sets and models, after one of them has changed."""
    _own_datasets.clear()
    _cards.clear()


def _available_datasets() -> list[str]:
    """The public data sets, the visitor's own, and the selected one: a link may name another visitor's."""
    names = [*catalog.names(), *_own_datasets(workspace(), str(home()))]
    linked = (permalink.value_in_link("dataset"), dataset())
    return names + [name for name in dict.fromkeys(linked) if name and name not in names and _is_existing_own(name)]


def _is_existing_own(name: str) -> bool:
    return own_datasets.is_own(name) and catalog.is_known(name)


def usable_cards(cards: Sequence[store.Card]) -> list[store.Card]:
    """Those of ``cards`` that pages can show: a damaged card may name an unknown data set or no classes."""
    return [card for card in cards if catalog.is_known(card.dataset) and len(card.class_names) > 1]


def _apply_selection(cards: dict[str, store.Card]) -> None:
    """Apply the selection that a page, picker or link requests, and keep data set and model consistent."""
    state = st.session_state
    linked = (permalink.value_in_link("dataset"), permalink.value_in_link("model"))
    new_dataset, new_model = state.pop("shell.selecting", None) or linked
    # Another visitor's model is in no list, but whoever has its id may use it.
    cards |= {card.id: card for id in (new_model, model()) if id not in cards and (card := _card(id))}
    if new_model in cards and new_dataset is None:
        new_dataset = cards[new_model].dataset
    elif new_dataset and new_model is None and catalog.is_known(new_dataset):
        new_model = _model_trained_on(new_dataset, cards)
    if new_dataset and catalog.is_known(new_dataset):
        state["shell.dataset"] = new_dataset
    if new_model in cards:
        state["shell.model"] = new_model


def _model_trained_on(dataset: str, cards: Mapping[str, store.Card]) -> str | None:
    candidates = [card.id for card in cards.values() if card.dataset == dataset]
    selected = model()
    return selected if selected in candidates else next(iter(candidates), None)


def _card(id: str | None) -> store.Card | None:
    try:
        return next(iter(usable_cards([store.card(id)])), None) if id else None
    except ModelError:
        return None
