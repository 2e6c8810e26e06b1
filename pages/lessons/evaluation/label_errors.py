"""Images whose label may be wrong, and images with a low margin between the two best classes."""

import numpy as np
import streamlit as st

from cnn.analysis.evaluation.metrics import likely_label_errors, lowest_margin
from cnn.data.split import Split
from cnn.model.store import Card
from pages.lessons.evaluation.label_votes import show_vote
from pages.lessons.evaluation.predictions import MAX_SHOWN, show_predictions
from pages.shell.page_layout import prose, section
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.scores.split_words import image_name, images_of


def lowest_margin_view(card: Card, probabilities: np.ndarray, split: Split) -> None:
    """The images with the lowest margin between the two best classes."""
    section("**Where its two best answers are closest.** Would you be sure?")
    show_predictions(card, probabilities, split, lowest_margin(probabilities), top_two=True)


def label_errors_view(card: Card, probabilities: np.ndarray, split: Split) -> None:
    """Images whose label may be wrong, with a vote on each."""
    indices = likely_label_errors(probabilities, split.labels)
    with st.container(key="evaluation.doubted"):
        st.markdown(
            f"**{len(indices):,} {images_of(split)} whose label the network doubts with good reason** · confident "
            "learning. Who is right, the label or the network?"
        )
    if not len(indices):
        prose("None.")
        return
    shown = indices[:MAX_SHOWN].tolist()
    show_vote(card, probabilities, split, shown)
    section("**The least likely labels, all at once**")
    tiles = []
    for index in shown:
        label, predicted = (card.class_names[int(n)] for n in (split.labels[index], probabilities[index].argmax()))
        alt = f"{image_name(split, index)}: labelled {label}, named {predicted}"
        # Marked neither right nor wrong: that is the question here.
        tiles.append(GalleryImage(split.fitted([index], card.input_shape)[0], f"{label} or {predicted}?", alt))
    gallery(tiles)
    prose("Most of these are simply mistakes of the network. But some data sets, CIFAR-10 too, do have wrong labels.")
