"""The views of *Evaluation*: one question each, answered from what the network said to the test images."""

import numpy as np
import pandas as pd
import streamlit as st

from cnn.analysis.evaluation.metrics import (
    class_scores,
    confusion_counts,
    most_frequent_confusion,
)
from cnn.data.split import Split
from cnn.model.store import Card
from pages.components.confusion_matrix import confusion_matrix
from pages.lessons.evaluation.answered_images import show_answered_images
from pages.shell.page_layout import prose


def confusion_view(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """The confusion matrix, and the images of one cell."""
    said = probabilities.argmax(axis=1)
    table = confusion_counts(test.labels, said, len(card.class_names))
    worst = most_frequent_confusion(table) or (0, 0)
    key = f"evaluation.cell.{card.id}"
    chosen = st.session_state.get(key, worst)
    clicked = confusion_matrix(table, card.class_names, chosen, key=f"evaluation.matrix.{card.id}")
    if clicked is not None:
        st.session_state[key] = chosen = clicked
    truth, answer = (card.class_names[number] for number in chosen)
    places = np.flatnonzero((test.labels == chosen[0]) & (said == chosen[1]))
    places = places[np.argsort(-probabilities[places, chosen[1]], kind="stable")]
    what = f"**{truth}, rightly named**" if truth == answer else f"**{truth}, taken for {answer}**"
    st.markdown(f"{what}: {len(places):,} of {int(table[chosen[0]].sum()):,}, the surest first")
    show_answered_images(card, probabilities, test, places)


def class_scores_view(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """Precision, recall and F1 of every class."""
    scores = class_scores(test.labels, probabilities.argmax(axis=1), len(card.class_names))
    frame = pd.DataFrame(
        {
            "test images": np.bincount(test.labels, minlength=len(card.class_names)),
            "found · recall": [_share(value) for value in scores.recall],
            "to be trusted · precision": [_share(value) for value in scores.precision],
            "both · F1": [_share(value) for value in scores.f1],
        },
        index=list(card.class_names),
    )
    st.table(frame)
    prose(
        "**Found**: of all images of a class, how many it names so. **To be trusted**: of all that it names so, how "
        "many are. A class can have a lot of one and little of the other."
    )


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.0f}\u00a0%"
