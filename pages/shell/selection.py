"""The focus: which data set and which model are in hand. The same on all pages, in the sidebar and in the address.

The two stay together: who takes a model takes the data set it was trained on, who takes a data set takes a model of it
where there is one.
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
    """Name of the data set in hand, fit for ``cnn.data.catalog.info``."""
    return str(st.session_state.get("shell.dataset", DEFAULT_DATASET))


def model() -> str | None:
    """Id of the model in hand, fit for ``cnn.model.store.card``; None while there is no model at all."""
    return st.session_state.get("shell.model")


def selected_card() -> store.Card:
    """The card of the model in hand, read from disk; only where ``model`` is not None.

    Raises:
        ModelError: it was deleted meanwhile, or is damaged.
    """
    return store.card(str(model()))


def select(*, dataset: str | None = None, model: str | None = None) -> None:
    """Take another data set, another model or both in hand: in a widget's callback, or followed by ``st.rerun()``."""
    st.session_state["shell.taken"] = (dataset, model)


def describe_selection() -> str:
    """The focus in one line, for a page's header."""
    card = _card(model())
    return f"Data set: **{catalog.info(dataset()).title}** · Model: **{card.title if card else 'none yet'}**"


def show_pickers() -> None:
    """The two pickers, for the sidebar."""
    cards = {card.id: card for card in available_models()}
    _settle(cards)

    names = _datasets()
    key = permalink.read("dataset", names, DEFAULT_DATASET, thing="data set")
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
        permalink.add_problem(f"The model that was in hand has been deleted. You see “{default}” instead.")
    key = permalink.read("model", list(cards), default, thing="model")
    st.selectbox(
        "Model", list(cards), key=key, format_func=lambda id: cards[id].title, on_change=lambda: select(model=model())
    )
    permalink.write("model", default)


def available_models() -> list[store.Card]:
    """The models that the visitor can choose from: the pretrained ones, then their own, newest first."""
    runs = home() / "runs"
    return _cards(workspace(), str(runs), runs.stat().st_mtime_ns if runs.exists() else 0)


@st.cache_data(ttl=2, max_entries=64, show_spinner=False)
def _cards(workspace: str, runs: str, changed: int) -> list[store.Card]:
    """``store.cards``, which opens two files a run: a class has hundreds, and every rerun of every page comes here."""
    return usable_cards(store.cards(workspace))


@st.cache_data(ttl=2, max_entries=64, show_spinner=False)
def _own_datasets(workspace: str, home: str) -> list[str]:
    return own_datasets.names(workspace)


def forget_lists() -> None:
    """Have the lists of data sets and models read anew: one of them has just changed."""
    _own_datasets.clear()
    _cards.clear()


def _datasets() -> list[str]:
    """Everybody's data sets, the visitor's own, and the one in hand: a link may name somebody else's."""
    names = [*catalog.names(), *_own_datasets(workspace(), str(home()))]
    linked = (permalink.value_in_link("dataset"), dataset())
    return names + [name for name in dict.fromkeys(linked) if name and name not in names and _is_own(name)]


def _is_own(name: str) -> bool:
    return own_datasets.is_own(name) and catalog.is_known(name)


def usable_cards(cards: Sequence[store.Card]) -> list[store.Card]:
    """Those of ``cards`` that pages can show: a damaged card may name no data set of ours, or no classes."""
    return [card for card in cards if catalog.is_known(card.dataset) and len(card.class_names) > 1]


def _settle(cards: dict[str, store.Card]) -> None:
    """Do what a page, a picker or a link asks for, and let the other of the two follow."""
    state = st.session_state
    data, net = state.pop("shell.taken", None) or (permalink.value_in_link("dataset"), permalink.value_in_link("model"))
    # Somebody else's model is in no list, but whoever has its id may use it.
    cards |= {card.id: card for id in (net, model()) if id not in cards and (card := _card(id))}
    if net in cards and data is None:
        data = cards[net].dataset
    elif data and net is None and catalog.is_known(data):
        net = _model_of(data, cards)
    if data and catalog.is_known(data):
        state["shell.dataset"] = data
    if net in cards:
        state["shell.model"] = net


def _model_of(data: str, cards: Mapping[str, store.Card]) -> str | None:
    fitting = [card.id for card in cards.values() if card.dataset == data]
    in_hand = model()
    return in_hand if in_hand in fitting else next(iter(fitting), None)


def _card(id: str | None) -> store.Card | None:
    try:
        return next(iter(usable_cards([store.card(id)])), None) if id else None
    except ModelError:
        return None
