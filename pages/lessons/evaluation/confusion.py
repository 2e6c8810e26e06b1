"""Which classes a network confuses, and its scores for each class."""

import re

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
from pages.lessons.evaluation.predictions import show_predictions
from pages.shell import permalink
from pages.shell.page_layout import prose
from pages.shell.text import literal
from pages.widgets.scores.split_words import images_of

MOST_BESIDE = 10  # classes of a matrix that leaves room for images beside it


def confusion_view(card: Card, probabilities: np.ndarray, split: Split) -> None:
    """The confusion matrix, and the images in one of its cells."""
    predicted = probabilities.argmax(axis=1)
    matrix = confusion_counts(split.labels, predicted, len(card.class_names))
    true_class, predicted_class = cell = _read_cell(card) or most_frequent_confusion(matrix) or (0, 0)
    narrow = len(card.class_names) <= MOST_BESIDE
    left, right = st.columns([1.5, 1], gap="medium") if narrow else (st.container(), st.container())
    with left:
        key = f"evaluation.matrix.{card.id}"
        confusion_matrix(matrix, card.class_names, cell, key=key, on_choose=_choose_cell)
    indices = np.flatnonzero((split.labels == true_class) & (predicted == predicted_class))
    indices = indices[np.argsort(-probabilities[indices, predicted_class], kind="stable")]
    name, answer = literal(card.class_names[true_class]), literal(card.class_names[predicted_class])
    correct = true_class == predicted_class
    title = f"**{name}, recognised**" if correct else f"**{name}, mistaken for {answer}**"
    with right:
        with st.container(key="evaluation.cell"):
            st.markdown(f"{title}: {len(indices):,} of {int(matrix[true_class].sum()):,}, most confident first")
        show_predictions(card, probabilities, split, indices)


def _read_cell(card: Card) -> tuple[int, int] | None:
    """(true class, predicted class) of the cell that is open, from the address; None before one was chosen."""
    text = permalink.read_text("evaluation.pair")
    names = text.split("-") if re.fullmatch(r"\d{1,4}-\d{1,4}", text, re.ASCII) else []
    cell = tuple(int(name) for name in names)
    # Those of another network with fewer classes are not here.
    is_here = len(cell) == 2 and max(cell) < len(card.class_names)
    permalink.write_text("evaluation.pair", text if is_here else "")
    return (cell[0], cell[1]) if is_here else None


def _choose_cell(true_class: int, predicted_class: int) -> None:
    permalink.choose_text("evaluation.pair", f"{true_class}-{predicted_class}")


def class_scores_view(card: Card, probabilities: np.ndarray, split: Split) -> None:
    """Precision, recall and F1 of every class."""
    scores = class_scores(split.labels, probabilities.argmax(axis=1), len(card.class_names))
    table = pd.DataFrame(
        {
            images_of(split): np.bincount(split.labels, minlength=len(card.class_names)),
            "How many of them does it find? (recall)": score_texts(scores.recall),
            "When it says so, how often is it right? (precision)": score_texts(scores.precision),
            "both · F1": score_texts(scores.f1),
        },
        index=[literal(name) for name in card.class_names],
    )
    st.table(table)
    prose(
        "**Recall**: of all the cats, say, how many does it find? **Precision**: when it says “cat”, how often is it "
        "right? A class can be high in one and low in the other."
    )


def score_texts(scores: np.ndarray) -> list[str]:
    """Scores float (classes,), 0..1, as percentages; a dash for NaN, where a score is undefined."""
    return ["–" if np.isnan(score) else f"{100 * score:.0f}\u00a0%" for score in scores]
