"""Keep, leave, come back: the selected network saved to a file, loaded from it, and both asked the same."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from cnn.model import store
from cnn.model.round_trip import RoundTrip, round_trip
from pages.lessons.models.export import keras_file_button
from pages.lessons.models.trial_images import trial_images
from pages.server.workspace_cookie import COOKIE_DAYS
from pages.shell.page_layout import prose
from pages.shell.text import literal, unbroken
from pages.widgets import model_cache
from pages.widgets.gallery import GalleryImage, gallery

KEY = "models.trip"
ROUNDING = 1e-6  # of probabilities: what float32 leaves open in sums taken in another order


class _Shown(NamedTuple):
    """A finished round trip, the images asked about, uint8 (N, H, W, C), what they show, and whether it knows that."""

    fingerprint: str
    result: RoundTrip
    images: np.ndarray
    names: list[str]
    of_its_classes: bool


def round_trip_view(card: store.Card) -> None:
    """A button that saves and loads the network, what came of it, and where the model is afterwards."""
    prose(
        "**Save it, load it, ask again.** A trained network is a list of layers and their weights. `model.save` writes "
        "both into one file; `load_model` builds the same network from it, and nothing has to be learned anew. "
        "*.keras* is the format of today; *.h5*, which much code still uses, is Keras' older one."
    )
    if st.button("Save it and load it again", key=KEY, type="primary", icon=":material/save:"):
        with st.spinner("Saving, loading, asking both …"):
            st.session_state[f"{KEY}.shown"] = _make_trip(card)
    shown: _Shown | None = st.session_state.get(f"{KEY}.shown")
    if shown is not None and shown.fingerprint == card.fingerprint:
        _show_trip(card, shown)
    prose(
        "**Where is my model when I close the browser?** On this server, and not in your browser, which only keeps a "
        f"cookie for {COOKIE_DAYS} days that says which models are yours. Another browser does not find them, nor does "
        "this one without the cookie: download the file to keep it, and *Import a model* below takes it in again.",
        key="models.where",
    )
    keras_file_button(card)


def _make_trip(card: store.Card) -> _Shown:
    asked = trial_images(card.dataset, card.input_shape)
    images = np.stack([image for image, _, _ in asked])
    result = round_trip(model_cache.keras_model(card), model_cache.predict_function(card), images, card.pixel_seed)
    return _Shown(card.fingerprint, result, images, [name for _, name, _ in asked], asked[0][2] is not None)


def _show_trip(card: store.Card, shown: _Shown) -> None:
    result = shown.result
    tiles = [
        GalleryImage(image, f"{number} · {name}", f"Image {number}: {name}")
        for number, (image, name) in enumerate(zip(shown.images, shown.names, strict=True), 1)
    ]
    gallery(tiles, side=112, key=f"{KEY}.images")
    rows = {
        f"{number} · {literal(name)}": {
            "the network": _answer(card, before),
            "loaded from the file": _answer(card, after),
            "greatest difference": f"{np.abs(before - after).max():.1g}",
        }
        for number, (name, before, after) in enumerate(zip(shown.names, result.before, result.after, strict=True), 1)
    }
    with st.container(key=f"{KEY}.answers"):
        st.table(pd.DataFrame.from_dict(rows, orient="index"))
    if not shown.of_its_classes:
        st.caption("What is in these pictures need not be among its classes; here it only matters whether both agree.")
    prose(describe_trip(result), key=f"{KEY}.result")


def _answer(card: store.Card, probabilities: np.ndarray) -> str:
    """The most probable class, with a probability of so many digits that a small difference would show."""
    best = int(probabilities.argmax())
    return unbroken(f"{literal(card.class_names[best])} {100 * float(probabilities[best]):.5f} %")


def describe_trip(result: RoundTrip) -> str:
    """The file's size and the greatest difference, in words."""
    size = f"{result.bytes / 1e6:.2f} MB" if result.bytes >= 1e5 else f"{result.bytes / 1e3:.1f} kB"
    if result.largest == 0:
        verdict = "they are the same to the last digit."
    elif result.largest <= ROUNDING:
        verdict = "that is rounding: sums were taken in another order."
    else:
        verdict = "that is more than rounding, so the file does not hold the same network."
    return (
        f"The file has **{size}**. Of {result.before.size:,} probabilities, the greatest difference between the "
        f"network and the one from the file is **{result.largest:.1g}**: {verdict}"
    )
