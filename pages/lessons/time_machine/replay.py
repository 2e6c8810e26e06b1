"""The views of *Time machine*: which run, which other one beside it, and both as a film."""

from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis import epoch_history
from cnn.analysis.evaluation.metrics import confusion_counts
from cnn.data import catalog
from cnn.figures.feature_maps import overview
from cnn.figures.filters import filter_images
from cnn.figures.heatmap import draw_heatmap
from cnn.figures.mosaic import mosaic
from cnn.model import store
from pages.components.data_uri import image_data_uri
from pages.components.epoch_player import epoch_player
from pages.shell import permalink, selection
from pages.shell.page_layout import notice, prose
from pages.widgets import linked_inputs, model_cache
from pages.widgets.selected_image import SelectedImage
from pages.widgets.study import study_result

STORED = "digits-tutorial"
NONE = "none"
FILTERS, CLASSES = 32, 10
AT_ONCE = 10.0  # billion multiplications and additions: about a second
BILLIONS_A_SECOND = 15.0


def selected_run() -> store.Card:
    """The network in hand, else the stored run; where its epochs were not kept, that is said."""
    card = selection.selected_card() if selection.model() else store.card(STORED)
    weights = epoch_history.weights_of(card)
    if len(weights) == 1:
        prose(
            f"Of “{card.title}” only the end was kept, not the way there. Train one here to watch it become what it is."
        )
    if None in weights.values():
        prose(
            f"Of “{card.title}” the way was not kept, so there are only its two ends: what it began with, and what it "
            f"was after {card.epochs} epochs. A network that you train yourself keeps its epochs."
        )
    if "base" in card.config:
        prose(
            "This one began with a base that had learned before. While only its head learns, filters and maps stay as "
            "they are, and the answer alone changes; in fine-tuning the last layers of the base move too, a little."
        )
    return card


def choose_other_run(card: store.Card) -> store.Card | None:
    """Another run that gets the same pixels of a picture, to watch beside it, or None."""
    gets = (card.dataset, card.input_shape, card.pixel_seed)
    others = {
        other.id: other
        for other in selection.available_models()
        if (other.dataset, other.input_shape, other.pixel_seed) == gets and other.id != card.id
    }
    titles = {NONE: "none" if others else "none yet: train a second one"}
    wanted = linked_inputs.choice(
        "time.other", "Run beside it", titles | {id: other.title for id, other in others.items()}, width=320
    )
    return others.get(wanted)


def show_replay(hand: SelectedImage, other: store.Card | None) -> None:
    """One or two runs, epoch by epoch."""
    cards = [hand.card, *([other] if other else [])]
    epochs = sorted({epoch for card in cards for epoch in epoch_history.weights_of(card)})
    said_in_link = permalink.value_in_link("time.epoch") is not None
    permalink.read("time.epoch", epochs, epochs[-1], label="kept epoch")
    for sentence in permalink.take_problems():
        notice(sentence)
    tables = [_tables(card) for card in cards]
    runs = []
    for card, table in zip(cards, tables, strict=True):
        shown = _shown(card, tuple(sorted(epoch_history.weights_of(card))), hand.image.tobytes())
        own = [moment["epoch"] for moment in shown["moments"]]
        at = [max(place for place, kept in enumerate(own) if kept <= epoch or place == 0) for epoch in epochs]
        moments = [
            moment | {"table": None if table is None else table[place].tolist()}
            for place, moment in enumerate(shown["moments"])
        ]
        runs.append(shown | {"title": card.title, "at": at, "moments": moments})
    ready = "with" if all(table is not None for table in tables) else "without"
    of = f"{' '.join(card.id for card in cards)} {hash(hand.image.tobytes())} {ready}"
    play = not said_in_link and "time.played" not in st.session_state and "time.epoch" not in st.query_params
    stopped = epoch_player(of, epochs, runs, st.session_state["time.epoch"], play=play, key="time.film")
    st.session_state["time.played"] = True
    if stopped is not None:
        st.session_state["time.epoch"] = stopped
    permalink.write("time.epoch", epochs[-1])


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=model_cache.BY_CARD)
def _moments(card: store.Card) -> epoch_history.EpochSnapshots:
    return epoch_history.epoch_snapshots(model_cache.keras_model(card))


@st.cache_data(max_entries=16, show_spinner="Going back in time …", hash_funcs=model_cache.BY_CARD)
def _shown(card: store.Card, epochs: tuple[int, ...], image: bytes) -> dict[str, Any]:
    """A run with one image as pictures and numbers, for ``epoch_player``."""
    model = model_cache.keras_model(card)
    pixels = np.frombuffer(image, np.uint8).reshape(card.input_shape)
    last = model_cache.outputs_of_every_layer(card, pixels)
    logits = last["logits" if "logits" in last else model.layers[-1].name][0]
    number = int(logits.argmax()) if len(logits) > 1 else int(logits[0] > 0)
    files = {epoch: file for epoch, file in epoch_history.weights_of(card).items() if epoch in epochs}
    moments = _moments(card)(files, pixels, number)
    # All epochs on one scale: weights that grow are seen to grow.
    filters = np.stack([moment.weights[:FILTERS] for moment in moments])
    pictures = filter_images(filters.reshape(-1, *filters.shape[2:]))
    count, side = filters.shape[1], max(filters.shape[2:4])
    columns = 16 if side <= 8 else 8
    order = np.argsort(-moments[-1].probabilities, kind="stable")[:CLASSES]
    if len(card.class_names) <= CLASSES:
        order = np.sort(order)
    shown = []
    for place, moment in enumerate(moments):
        drawn = mosaic(pictures[place * count : (place + 1) * count], columns, factor=max(1, 30 // side))
        shown.append(
            {
                "epoch": moment.epoch,
                "filters": image_data_uri(drawn, max(drawn.shape)),
                "maps": [image_data_uri(overview(maps, 112), 112) for maps in moment.maps.values()],
                "heat": image_data_uri(draw_heatmap(pixels, np.nan_to_num(moment.heat)), 144),
                "answer": [
                    (card.class_names[name], round(float(np.nan_to_num(moment.probabilities[name])), 4))
                    for name in order
                ],
            }
        )
    layers = list(moments[0].maps)
    return {
        "image": image_data_uri(pixels, 144),
        "evidence": card.class_names[number],
        "layers": layers,
        "moments": shown,
    }


@st.cache_data(max_entries=32, show_spinner="Asking it after every epoch …", hash_funcs=model_cache.BY_CARD)
def _quick(card: store.Card) -> np.ndarray:
    return epoch_history.answers(card)


def _tables(card: store.Card) -> np.ndarray | None:
    """Confusion matrices of held-out images after each kept epoch, int64 (epochs, classes, classes), or None."""
    if not catalog.is_prepared(card.dataset):
        return None
    billions = epoch_history.billion_operations(card, model_cache.keras_model(card))
    if billions <= AT_ONCE:
        said = _quick(card)
    else:
        label = f"Also show what {card.title} took for what"
        found = study_result(card, "history", {}, label=label, seconds=5 + billions / BILLIONS_A_SECOND, page="time")
        if found is None:
            return None
        said = found["said"]
    labels = catalog.load(card.dataset, "validation").labels[: said.shape[1]]
    return np.stack([confusion_counts(labels, answers, len(card.class_names)) for answers in said])
