"""Images whose label may be wrong, and images between whose two best classes the network can hardly decide."""

import numpy as np
import streamlit as st

from cnn.analysis.evaluation.metrics import likely_label_errors, lowest_margin
from cnn.data.split import Split
from cnn.model.store import Card
from pages.lessons.evaluation.answered_images import SHOWN, show_answered_images
from pages.lessons.evaluation.label_votes import show_vote
from pages.shell.page_layout import prose
from pages.widgets.gallery import GalleryImage, gallery


def lowest_margin_view(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """The images between whose two best classes the network can hardly decide."""
    st.markdown("**Where its two best answers are closest.** Would you be sure?")
    show_answered_images(card, probabilities, test, lowest_margin(probabilities), second=True)


def label_errors_view(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """Images whose label may be wrong."""
    found = likely_label_errors(probabilities, test.labels)
    st.markdown(
        f"**{len(found):,} test images whose label the network doubts with good reason** · confident learning. "
        "Who is right, the label or the network?"
    )
    if not len(found):
        prose("None.")
        return
    show_vote(card, probabilities, test, found[:SHOWN].tolist())
    st.markdown("**The least likely labels, all at once**")
    tiles = []
    for place in found[:SHOWN].tolist():
        label, said = (card.class_names[int(n)] for n in (test.labels[place], probabilities[place].argmax()))
        what = f"Test image {place + 1}: labelled {label}, named {said}"
        # Neither right nor wrong: that is the question here.
        tiles.append(GalleryImage(test.fitted([place], card.input_shape)[0], f"{label} or {said}?", what))
    gallery(tiles)
    prose("Most of these are simply mistakes of the network. But some data sets, CIFAR-10 too, do have wrong labels.")
