"""Predict: what the network says about the visitor's own photo or drawing."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pandas as pd
import streamlit as st

from cnn.data.class_balance import majority_share
from cnn.data.images import crop_box, resize
from cnn.data.photo_code import PhotoReading
from cnn.errors import CnnError
from cnn.figures.cut import draw_cut
from cnn.keras_code.snippets import predict_code
from cnn.model.predict import answer_photo, low_confidence_hint, top_classes
from pages.shell.csv_file import csv_file, text_cell
from pages.shell.page_layout import as_keras_code, further_reading, notice, page_header, prose, try_this
from pages.shell.text import literal, percent
from pages.widgets import model_cache
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.image_input import Photo, available_sources, input_images
from pages.widgets.probability_bars import probability_bars
from pages.widgets.selected_image import selected_network

MOSTLY_KEPT = 0.95  # of a photo's pixels: less than that is cut off from nearly square ones, too
SHOWN_SIDE = 512  # pixels, twice the width of the picture on the page

page_header("Predict", "What does the network make of a picture it has never seen?", page="predict")

card = selected_network()
predict = model_cache.predict_function(card)


def choose_place(photo: np.ndarray) -> float | None:
    """Where the part lies that the network gets of a photo of another shape, see ``images.fit_to``."""
    top, left, height, width = crop_box(photo.shape[:2], card.input_shape)
    if height * width > MOSTLY_KEPT * photo.shape[0] * photo.shape[1]:
        return 0.5
    fits = {"cut": "a part of it", "squeeze": "all, squeezed in"}
    fit = st.segmented_control(
        "The network gets", list(fits), format_func=fits.__getitem__, default="cut", key="predict.fit", required=True
    )
    if fit == "squeeze":
        return None
    st.caption("What is dark in the picture is cut off.")
    sides = ("left", "right") if left > top else ("top", "bottom")
    return st.slider(f"Which part, from {sides[0]} to {sides[1]} (%)", 0, 100, 50, key="predict.place", width=256) / 100


def show_one(name: str, photo: np.ndarray) -> float | None:
    """Show a photo with what is cut off, the network's input made from it, and the answer; gives the cut's place."""
    left, middle, right = st.columns([1, 1, 1.3], gap="medium")
    with left:
        st.markdown("**The picture**")
        picture = st.container()
        place = choose_place(photo)
        with picture:
            gallery([GalleryImage(photo if place is None else with_cut(photo, place), name, name, None)], side=256)
    answer = answer_photo(predict, card, photo, place)
    best, probability = top_classes(card, answer.probabilities, 1)[0]
    with middle:
        st.markdown("**What the network gets**")
        height, width, channels = card.input_shape
        size = f"{height} x {width} pixels, {'grey' if channels == 1 else 'red, green and blue'}"
        gallery([GalleryImage(answer.seen, size, f"The same picture as {size}")], side=256)
    with right:
        with st.container(key="predict.answer"):
            st.markdown(f"**It says: {literal(best)}, {percent(probability)}**")
        probability_bars(card.class_names, answer.probabilities, majority_share(card.dataset, "test"))
        if hint := low_confidence_hint(answer.probabilities):
            st.markdown(hint)
    return place


def with_cut(photo: np.ndarray, place: float = 0.5) -> np.ndarray:
    """A photo at the size at which it is shown, with what the network does not get of it darkened."""
    scale = min(1, SHOWN_SIDE / max(photo.shape[:2]))
    shown = resize(photo, *(max(1, round(side * scale)) for side in photo.shape[:2])) if scale < 1 else photo
    box = crop_box(shown.shape[:2], card.input_shape, place)
    return draw_cut(shown, box) if box[2] * box[3] < MOSTLY_KEPT * shown.shape[0] * shown.shape[1] else shown


def show_many(photos: Iterator[Photo]) -> None:
    """Answer several photos, and show them as small pictures and a table to download."""
    tiles, rows = [], []
    for name, photo, _ in photos:
        best = top_classes(card, answer_photo(predict, card, photo).probabilities)
        tiles.append(GalleryImage(with_cut(photo), f"{best[0][0]} {percent(best[0][1])}", f"{name}: {best[0][0]}"))
        ranked = {f"{n}. class": f"{label} {percent(probability)}" for n, (label, probability) in enumerate(best, 1)}
        rows.append({"file": name, "class": best[0][0], "probability": round(best[0][1], 4), **ranked})
    gallery(tiles, side=144)
    table = pd.DataFrame(rows).map(text_cell)  # Streamlit's own download of a table makes no text of formulas
    st.dataframe(table[["file", *[c for c in table if c.endswith(". class")]]], hide_index=True, key="predict.table")
    data = csv_file(table[["file", "class", "probability"]])
    st.download_button("Download this table (CSV)", data, "predictions.csv", "text/csv", key="predict.csv")


sources = available_sources(card)
if st.session_state.get("predict.source") not in sources:
    st.session_state["predict.source"] = sources[0]
source = st.segmented_control("Where from", sources, key="predict.source", required=True, label_visibility="collapsed")
st.caption(
    f"Asking **{card.title}**, which knows: {', '.join(map(literal, card.class_names))}. Choose another in the sidebar."
)
reading = PhotoReading()
try:
    photos = input_images(str(source), card)
    first, second = next(photos, None), next(photos, None)
    if first and second:
        show_many(chain([first, second], photos))
    elif first:
        reading = PhotoReading(first.decoding, show_one(first.name, first.image))
except CnnError as error:
    notice(str(error))

prose(
    "**What to notice.** The network does not see your picture but a copy of the one size it takes. It must choose "
    "among the classes it knows, even when none fits. The percentages are made from its raw scores (logits) by "
    "*softmax*, so that they add up to 100."
)
try_this(
    [
        "Show it something that is none of its classes. How sure is it?",
        "Show the same thing from closer and from further away. When does it change its mind?",
        "Choose another network in the sidebar and ask again.",
    ]
)
as_keras_code(predict_code(card.class_names, one_logit=card.one_logit, pixel_seed=card.pixel_seed, reading=reading))
further_reading([("Why ReLU networks are sure of nonsense (Hein et al., 2019)", "https://arxiv.org/abs/1812.05720")])
