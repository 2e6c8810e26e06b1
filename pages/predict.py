"""Predict: what the network says about the visitor's own photo or drawing."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pandas as pd
import streamlit as st

from cnn.data.class_balance import majority_share
from cnn.data.photo_code import PhotoReading
from cnn.errors import CnnError
from cnn.files import safe_file_name
from cnn.keras_code.snippets import predict_code
from cnn.model.predict import answer_photo, low_confidence_hint, top_classes
from pages.lessons.predict.asking_again import show_asking_again
from pages.lessons.predict.cut import choose_place, with_cut
from pages.shell.csv_file import csv_file, text_cell
from pages.shell.page_layout import notice, page_foot, page_header, prose
from pages.shell.text import literal, percent
from pages.widgets import model_cache
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.image_input import Photo
from pages.widgets.image_strip.strip import choose_images
from pages.widgets.probability_bars import probability_bars
from pages.widgets.selected_image import selected_network

SIDE = 320  # of the picture on the page, in pixels

page_header("Predict", "What does the network make of a picture it has never seen?", page="predict")

card = selected_network()
predict = model_cache.predict_function(card)


def show_one(name: str, photo: np.ndarray) -> float | None:
    """Show a photo with what is cut off, the network's input made from it, and the answer; gives the cut's place."""
    left, right = st.columns([1, 1.3], gap="large")
    with left:
        picture = st.container(key="predict.picture")
        place = choose_place(photo, card.input_shape)
        with picture:
            shown = photo if place is None else with_cut(photo, card.input_shape, place)
            gallery([GalleryImage(shown, name, name)], side=SIDE)
    answer = answer_photo(model_cache.predict_one(card), card, photo, place)
    best, probability = top_classes(card, answer.probabilities, 1)[0]
    with right:
        with st.container(key="predict.answer"):
            st.header(f"It says: {literal(best)}, {percent(probability)}", anchor=False)
        probability_bars(card.class_names, answer.probabilities, majority_share(card.dataset, "test"))
        if hint := low_confidence_hint(answer.probabilities):
            st.markdown(hint)
        with st.container(horizontal=True, key="predict.next"):
            st.page_link("feature_maps.py", label="What does every layer see in it?", icon=":material/arrow_forward:")
            st.page_link("explanations.py", label="Which part made it say that?", icon=":material/arrow_forward:")
            st.page_link(
                "evaluation.py",
                label="Can you trust its confidence?",
                icon=":material/arrow_forward:",
                query_params={"evaluation.view": "sure"},
            )
        height, width, channels = card.input_shape
        size = f"what the network gets: {height} x {width} pixels, {'grey' if channels == 1 else 'red, green and blue'}"
        with st.container(horizontal=True, key="predict.seen"):
            with st.container(width=160):
                gallery([GalleryImage(answer.seen, size, f"The same picture, {size}")], side=112)
            with st.container(width="stretch"):
                show_asking_again(card, predict, answer.seen)
    return place


def show_many(photos: Iterator[Photo]) -> None:
    """Answer several photos, and show them as small pictures and a table to download."""
    tiles, rows = [], []
    for name, photo, _ in photos:
        best = top_classes(card, answer_photo(predict, card, photo).probabilities)
        shown, caption = with_cut(photo, card.input_shape), f"{best[0][0]} {percent(best[0][1])}"
        tiles.append(GalleryImage(shown, caption, f"{name}: {best[0][0]}"))
        ranked = {f"{n}. class": f"{label} {percent(probability)}" for n, (label, probability) in enumerate(best, 1)}
        rows.append({"file": name, "class": best[0][0], "probability": round(best[0][1], 4), **ranked})
    gallery(tiles, side=144)
    table = pd.DataFrame(rows).map(text_cell)  # Streamlit's own download of a table makes no text of formulas
    st.dataframe(table[["file", *[c for c in table if c.endswith(". class")]]], hide_index=True, key="predict.table")
    data = csv_file(table[["file", "class", "probability"]])
    st.download_button(
        "Download this table (CSV)",
        data,
        f"{safe_file_name(card.title)}, predictions.csv",
        "text/csv",
        key="predict.csv",
    )


reading = PhotoReading()
try:
    photos = choose_images(card)
    first, second = next(photos, None), next(photos, None)
    if first and second:
        show_many(chain([first, second], photos))
    elif first:
        reading = PhotoReading(first.decoding, show_one(first.name, first.image))
except CnnError as error:
    notice(str(error))

prose(f"**{literal(card.title)}** knows: {', '.join(map(literal, card.class_names))}.")
prose(
    "**What to notice.** The network does not see your picture but a copy, scaled to the one size it takes. It must "
    "choose among the classes it knows, even when none fits. The percentages are made from its raw scores (logits) by "
    "*softmax*, so that they add up to 100."
)
page_foot(
    [
        "Show it something that is none of its classes. How sure is it?",
        "Show the same thing from closer and from further away. When does it change its mind?",
        "Choose another network at the top and ask again.",
    ],
    code=predict_code(card.class_names, one_logit=card.one_logit, pixel_seed=card.pixel_seed, reading=reading),
    about=card.title,
    reading=[("Why ReLU networks are sure of nonsense (Hein et al., 2019)", "https://arxiv.org/abs/1812.05720")],
)
