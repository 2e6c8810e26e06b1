"""The selected data set and model: the same on all pages, in a strip below the title and in the address.

The two never contradict each other: selecting a model also selects the data set it was trained on, and of a data set
only the models trained on it are offered. Where there is none, no model is selected.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import streamlit as st

from cnn.data import catalog
from cnn.data.own import own_datasets
from cnn.data.own.sharing import name_for
from cnn.errors import ModelError
from cnn.files import file_version
from cnn.home import home
from cnn.model import store
from pages.shell import permalink
from pages.shell.text import literal
from pages.shell.workspace import workspace

DEFAULT_DATASET = "digits"
# Pixels, with their labels; on phones the two share the line.
DATASET_PICKER, MODEL_PICKER = 304, 420
_SELECTED, _REPLACED = "shell.selected", "shell.replaced"
_SECONDS_TO_SHOW = 2.0  # a new selection in the browser
_FITS_IN_LIST = 50  # characters of a title, in two lines of the open list


def dataset() -> str:
    """Name of the selected data set, for ``cnn.data.catalog``; a closed one if the visitor may not open its images."""
    return seen_name(str(st.session_state.get("shell.dataset", DEFAULT_DATASET)))


def seen_name(dataset: str) -> str:
    """The name of any data set as this visitor sees it, see ``cnn.data.own.sharing.name_for``."""
    return name_for(dataset, workspace())


def model() -> str | None:
    """Id of the selected model, for ``cnn.model.store.card``; None while there is no model."""
    return st.session_state.get("shell.model")


def selected_card() -> store.Card:
    """The card of the selected model as the visitor sees it, read from disk; only if ``model()`` is not None.

    Raises:
        ModelError: it has been deleted since, or is damaged.
    """
    return store.seen_by(store.card(str(model())), workspace())


def select(*, dataset: str | None = None, model: str | None = None) -> None:
    """Select a data set, a model or both: in a widget's callback, or followed by ``st.rerun()``."""
    st.session_state["shell.selecting"] = (dataset, model)


class Options(NamedTuple):
    """What the pickers offer: names of data sets, and the cards of models by their id."""

    datasets: list[str]
    models: dict[str, store.Card]


def read_selection(*, page_opened: bool) -> Options:
    """Determine the selection of this rerun from a request, a link or the last choice, and put it into the address.

    Every page calls it, whether it shows the pickers or not: a link may set the selection on any of them.

    Args:
        page_opened: whether the visitor comes from another page.
    """
    if page_opened:
        # Another page's pickers are other widgets, which would begin with the first option.
        for key in ("shell.dataset", "shell.model"):
            if key in st.session_state:
                st.session_state[key] = st.session_state[key]
    _name_as_seen()
    cards = {card.id: card for card in available_models()}
    _restore_what_an_echo_undid(page_opened=page_opened)
    sent = (dataset(), model())
    _apply_selection(cards)

    names = _available_datasets(cards.values())
    permalink.read("dataset", names, DEFAULT_DATASET, label="Data set", title=_dataset_title)
    permalink.write("dataset", DEFAULT_DATASET)

    offered = {id: card for id, card in cards.items() if card.dataset == dataset()}
    default = next(iter(offered), None)
    if model() not in (None, *cards) and permalink.value_in_link("model") is None:
        instead = f" You see “{offered[default].title}” instead." if default else ""
        permalink.add_problem(f"The selected model has been deleted.{instead}")
    if default is None:
        st.session_state["shell.model"] = None
        permalink.drop("model")
        _note_replaced(sent)
        return Options(names, offered)
    permalink.read("model", list(offered), default, label="Model", title=lambda id: _shortened(cards[id].title))
    # Only what everybody finds first may be left out of the address: another visitor has no networks of this one.
    permalink.write("model", next((id for id, card in offered.items() if card.workspace is None), None))
    _note_replaced(sent)
    return Options(names, offered)


def _name_as_seen() -> None:
    """Call an own data set, in the address and among the choices, as the visitor sees it now."""
    if (linked := st.query_params.get("dataset")) is not None and seen_name(linked) != linked:
        st.query_params["dataset"] = seen_name(linked)
    if "shell.dataset" in st.session_state and dataset() != st.session_state["shell.dataset"]:
        st.session_state["shell.dataset"] = dataset()


def show_pickers(options: Options) -> None:
    """Show the strip with the two pickers; its right end is free.

    Args:
        options: from ``read_selection`` of the same rerun.
    """
    with st.container(key="shell.selection", horizontal=True, vertical_alignment="center"):
        # persist_state: the rerun of a reset has no page, and so no pickers.
        st.selectbox(
            "Data set",
            options.datasets,
            key="shell.dataset",
            format_func=_dataset_title,
            on_change=lambda: select(dataset=dataset()),
            persist_state="session",
            width=DATASET_PICKER,
        )
        if not options.models:
            st.caption(f"No network for {literal(_dataset_title(dataset()))} yet")
            return
        st.selectbox(
            "Model",
            list(options.models),
            key="shell.model",
            format_func=lambda id: _shortened(options.models[id].title),
            on_change=lambda: select(model=model()),
            persist_state="session",
            width=MODEL_PICKER,
        )


def _shortened(title: str) -> str:
    """A model's title as the list shows it: its middle goes, because names of models differ at their ends."""
    return title if len(title) <= _FITS_IN_LIST else f"{title[:34]}…{title[-14:]}"


def _dataset_title(name: str) -> str:
    return catalog.info(name).title


def available_models() -> Sequence[store.Card]:
    """The models that the visitor can select: the pretrained ones, then their own, newest first."""
    runs = str(home() / "runs")
    return _cards(workspace(), runs, (file_version(runs), two_seconds()))


def two_seconds() -> float:
    """The time in steps of two seconds: so long may a list be kept that every rerun needs."""
    return time.monotonic() // 2


@lru_cache(maxsize=64)  # in which a look-up takes a hundredth of the time of one in Streamlit's caches
def _cards(workspace: str, runs: str, state: object) -> tuple[store.Card, ...]:
    """Cached because ``store.cards`` looks at three files of each run: a class has hundreds."""
    return tuple(usable_cards(store.cards(workspace)))


@lru_cache(maxsize=64)
def _own_datasets(workspace: str, home: str, state: object) -> tuple[str, ...]:
    return tuple(own_datasets.names(workspace))


def forget_lists() -> None:
    """Clear the cached lists of data sets and models, after one of them has changed."""
    _own_datasets.cache_clear()
    _cards.cache_clear()


def _available_datasets(cards: Iterable[store.Card]) -> list[str]:
    """The public data sets, the visitor's own, those of ``cards``, and the selected one.

    A link may name another visitor's; an imported model may have a data set of which there are no images here.
    """
    own = [*_own_datasets(workspace(), str(home()), two_seconds()), *(card.dataset for card in cards)]
    names = list(dict.fromkeys([*catalog.names(), *own]))
    linked = (permalink.value_in_link("dataset"), dataset())
    return names + [name for name in dict.fromkeys(linked) if name and name not in names and _is_existing_own(name)]


def _is_existing_own(name: str) -> bool:
    return own_datasets.is_own(name) and catalog.is_known(name)


def find_card(id: str | None) -> store.Card | None:
    """The card of a model that pages can show; None without an id, or if it is deleted or damaged."""
    try:
        return next(iter(usable_cards([store.card(id)])), None) if id else None
    except ModelError:
        return None


def usable_cards(cards: Sequence[store.Card]) -> list[store.Card]:
    """Those of ``cards`` that pages can show, as the visitor sees them.

    A damaged card may name an unknown data set or no classes.
    """
    seen = [store.seen_by(card, workspace()) for card in cards]
    return [card for card in seen if catalog.is_known(card.dataset) and len(card.class_names) > 1]


def _note_replaced(sent: tuple[str, str | None]) -> None:
    """Note what this rerun has selected, and instead of what, if it is not what the browser sent."""
    state, now = st.session_state, (dataset(), model())
    if now != sent:
        state[_REPLACED] = (sent, time.monotonic())
    elif now != state.get(_SELECTED):
        state.pop(_REPLACED, None)  # the visitor has chosen since
    state[_SELECTED] = now


def _restore_what_an_echo_undid(*, page_opened: bool) -> None:
    """Keep the selection if the browser has sent the one before it.

    With a click, the browser sends the values of all widgets, and those of the pickers are old until it has shown the
    new ones. Streamlit takes that for a choice.
    """
    state = st.session_state
    replaced, at = state.get(_REPLACED, (None, 0.0))
    if (dataset(), model()) == replaced and (page_opened or time.monotonic() - at < _SECONDS_TO_SHOW):
        state.pop("shell.selecting", None)
        state["shell.dataset"], state["shell.model"] = state[_SELECTED]


def _apply_selection(cards: dict[str, store.Card]) -> None:
    """Apply the selection that a page, picker or link requests, and keep data set and model consistent."""
    state = st.session_state
    linked = (permalink.value_in_link("dataset"), permalink.value_in_link("model"))
    new_dataset, new_model = state.pop("shell.selecting", None) or linked
    # Another visitor's model is in no list, but whoever has its id may use it.
    cards |= {card.id: card for id in (new_model, model()) if id not in cards and (card := find_card(id))}
    if new_model in cards and catalog.is_known(new_dataset or "") and cards[new_model].dataset != new_dataset:
        learned = catalog.info(cards[new_model].dataset).title
        permalink.add_problem(
            f"The link chooses “{cards[new_model].title}”, which learned from {learned}, together "
            f"with {_dataset_title(str(new_dataset))}. The data set is what you see."
        )
        permalink.drop("model")
        new_model = None
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
