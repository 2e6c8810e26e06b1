"""Replay of training: the run, another to compare it with, and both epoch by epoch."""

from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis import epoch_history
from cnn.analysis.attribution.heat_borders import heat_borders
from cnn.analysis.evaluation.metrics import confusion_counts
from cnn.data import catalog
from cnn.figures.feature_maps import overview
from cnn.figures.filters import filter_images
from cnn.figures.heatmap import draw_heatmap
from cnn.figures.mosaic import enlarge_to, mosaic
from cnn.model import store
from pages.components.data_uri import image_data_uri
from pages.components.epoch_player import epoch_player
from pages.components.probabilities import shorten_probabilities
from pages.shell import permalink, selection
from pages.shell.page_layout import prose, show_link_problems
from pages.shell.text import literal
from pages.shell.weights_note import show_weights_note
from pages.widgets import linked_inputs, model_cache
from pages.widgets.selected_image import SelectedImage
from pages.widgets.study import study_result

STORED = "digits-tutorial"
NONE = "none"
SIDE = 144  # of the image on screen, in pixels
MAX_FILTERS, MAX_CLASSES = 32, 10
MAX_BILLIONS = 10.0  # multiply-adds the page does itself, about a second; more of them become a job
BILLIONS_PER_SECOND = 15.0


def selected_run() -> store.Card:
    """The selected model, else the stored run, with a sentence where its epochs were not saved."""
    card = selection.selected_card() if selection.model() else store.card(STORED)
    weights = epoch_history.weights_of(card)
    if len(weights) == 1:
        prose(
            f"Of “{literal(card.title)}” only the end was kept, not the way there. Train one here to watch it "
            "become what it is."
        )
    if None in weights.values():
        prose(
            f"Of “{literal(card.title)}” the way was not kept, so there are only its two ends: what it began with, and "
            f"what it was after {card.epochs} epochs. A network that you train yourself keeps its epochs."
        )
    if "base" in card.config:
        show_weights_note(card.config["base"])
        prose(
            "This one began with a base that had learned before. While only its head learns, filters and maps stay as "
            "they are, and the answer alone changes; in fine-tuning the last layers of the base move too, a little."
        )
    return card


def choose_other_run(card: store.Card) -> store.Card | None:
    """Another run whose model takes the same input, to show beside it, or None."""
    model_input = (card.dataset, card.input_shape, card.pixel_seed)
    others = {
        other.id: other
        for other in selection.available_models()
        if (other.dataset, other.input_shape, other.pixel_seed) == model_input and other.id != card.id
    }
    titles = {NONE: "none" if others else "none yet: train a second one"}
    choice = linked_inputs.choice(
        "time.other", "Compare with", titles | {id: other.title for id, other in others.items()}, width=320
    )
    return others.get(choice)


def show_replay(selected: SelectedImage, other: store.Card | None) -> None:
    """Show the run of the selected image's model, and another beside it, epoch by epoch."""
    cards = [selected.card, *([other] if other else [])]
    epochs = sorted({epoch for card in cards for epoch in epoch_history.weights_of(card)})
    epoch_in_link = permalink.value_in_link("time.epoch") is not None
    permalink.read("time.epoch", epochs, epochs[-1], label="Kept epoch")
    show_link_problems("time.epoch")
    matrices = [_confusion_matrices(card) for card in cards]
    image = selected.image.tobytes()
    runs = [_run_data(card, epochs, tables, image) for card, tables in zip(cards, matrices, strict=True)]
    ready = "with" if all(tables is not None for tables in matrices) else "without"
    fingerprint = f"{' '.join(card.id for card in cards)} {hash(image)} {ready}"
    play = not epoch_in_link and "time.played" not in st.session_state and "time.epoch" not in st.query_params
    stopped_at = epoch_player(fingerprint, epochs, runs, st.session_state["time.epoch"], play=play, key="time.film")
    st.session_state["time.played"] = True
    if any(run["layers"] for run in runs):
        st.caption(
            "Feature maps are dark at 0. Those of a layer that also gives numbers below zero are white at 0, purple "
            "below it and green above."
        )
    if stopped_at is not None:
        st.session_state["time.epoch"] = stopped_at
    permalink.write("time.epoch", epochs[-1])


def _run_data(card: store.Card, epochs: list[int], matrices: np.ndarray | None, image: bytes) -> dict[str, Any]:
    """A run for ``epoch_player``: its moments, and which of them belongs to each of ``epochs``."""
    replay = _replay_of(card, tuple(sorted(epoch_history.weights_of(card))), image)
    saved = [moment["epoch"] for moment in replay["moments"]]
    latest = [max(i for i, epoch in enumerate(saved) if epoch <= shown or i == 0) for shown in epochs]
    moments = [
        moment | {"table": None if matrices is None else matrices[i].tolist()}
        for i, moment in enumerate(replay["moments"])
    ]
    return replay | {"title": card.title, "at": latest, "moments": moments}


def _moments_of(card: store.Card) -> epoch_history.EpochSnapshots:
    # Outputs, answer and heatmap of a copy, which is held with its initial weights beside it.
    return model_cache.function_of(card, "snapshots", epoch_history.epoch_snapshots, traces=3, copies=2)


@st.cache_data(max_entries=16, show_spinner="Going back in time …", hash_funcs=model_cache.BY_CARD)
def _replay_of(card: store.Card, epochs: tuple[int, ...], image: bytes) -> dict[str, Any]:
    """A run on one image (H, W, C) as pictures and numbers, without title and confusion matrices."""
    model = model_cache.keras_model(card)
    pixels = np.frombuffer(image, np.uint8).reshape(card.input_shape)
    outputs = model_cache.outputs_of_every_layer(card, pixels)
    logits = outputs["logits" if "logits" in outputs else model.layers[-1].name][0]
    predicted = int(logits.argmax()) if len(logits) > 1 else int(logits[0] > 0)
    files = {epoch: file for epoch, file in epoch_history.weights_of(card).items() if epoch in epochs}
    moments = _moments_of(card)(files, pixels, predicted)
    picture, borders = enlarge_to(pixels, SIDE), heat_borders(model, epoch_history.heat_method(model))
    order = np.argsort(-moments[-1].probabilities, kind="stable")[:MAX_CLASSES]
    if len(card.class_names) <= MAX_CLASSES:
        order = np.sort(order)
    names = [card.class_names[index] for index in order]
    return {
        "image": image_data_uri(picture, SIDE),
        "evidence": card.class_names[predicted],
        "classes": list(card.class_names),
        "layers": list(moments[0].maps),
        "moments": [
            {
                "epoch": moment.epoch,
                "filters": image_data_uri(filters, max(filters.shape)),
                "maps": [image_data_uri(overview(maps, 112), 112) for maps in moment.maps.values()],
                "heat": image_data_uri(draw_heatmap(picture, np.nan_to_num(moment.heat), borders), SIDE),
                "answer": list(zip(names, shorten_probabilities(moment.probabilities[order]), strict=True)),
            }
            for moment, filters in zip(moments, _filter_mosaics(moments), strict=True)
        ],
    }


def _filter_mosaics(moments: list[epoch_history.EpochSnapshot]) -> list[np.ndarray]:
    """The filters after each epoch as one picture, all on one scale so that growing weights are seen to grow."""
    weights = np.stack([moment.weights[:MAX_FILTERS] for moment in moments])
    images = filter_images(weights.reshape(-1, *weights.shape[2:]))
    count, side = weights.shape[1], max(weights.shape[2:4])
    columns, factor = 16 if side <= 8 else 8, max(1, 30 // side)
    return [mosaic(images[i * count : (i + 1) * count], columns, factor=factor) for i in range(len(moments))]


@st.cache_data(max_entries=32, show_spinner="Asking it after every epoch …", hash_funcs=model_cache.BY_CARD)
def _predict_now(card: store.Card) -> np.ndarray:
    return epoch_history.answers(card)


def _confusion_matrices(card: store.Card) -> np.ndarray | None:
    """Confusion matrices on validation images after each saved epoch, int64 (epochs, classes, classes).

    None, and a button, where computing them takes a job that has not run yet; None where the data set is missing.
    """
    if not catalog.is_prepared(card.dataset):
        return None
    billions = epoch_history.billion_operations(card, model_cache.keras_model(card))
    if billions <= MAX_BILLIONS:
        predicted = _predict_now(card)
    else:
        label = f"Also show what {literal(card.title)} took for what"
        result = study_result(card, "history", {}, label=label, seconds=5 + billions / BILLIONS_PER_SECOND, page="time")
        if result is None:
            return None
        predicted = result["said"]
    labels = catalog.load(card.dataset, "validation").labels[: predicted.shape[1]]
    return np.stack([confusion_counts(labels, classes, len(card.class_names)) for classes in predicted])
