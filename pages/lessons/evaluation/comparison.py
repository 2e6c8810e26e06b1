"""Two models side by side on validation images: their scores, their confusions, and the images on which they differ."""

import numpy as np
import pandas as pd
import streamlit as st

from cnn.analysis.evaluation.comparison import compare_answers, most_changed_confusions
from cnn.analysis.evaluation.intervals import CAPTION, in_brief
from cnn.analysis.evaluation.metrics import (
    ClassScores,
    calibration,
    calibration_error_floor,
    class_scores,
    confusion_counts,
)
from cnn.data import catalog
from cnn.data.split import Split
from cnn.model.store import Card
from cnn.requests.models import has_answers
from pages.lessons.evaluation import comparison_charts
from pages.lessons.evaluation.comparison_charts import Sides
from pages.lessons.evaluation.confusion import score_texts
from pages.shell import selection
from pages.shell.page_layout import prose, section
from pages.shell.text import literal
from pages.shell.weights_note import show_weights_note
from pages.widgets import linked_inputs, model_cache
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.scores.paired_test import describe_paired_test

ASPECTS = {"answers": "their answers", "stand": "how much each can stand", "maps": "their maps"}
MAX_IMAGES, MAX_CONFUSIONS = 12, 6
FIRST, SECOND = "this one", "the other"


def comparison_view(card: Card) -> None:
    """Choose another model of the same data set, and what to compare.

    They are compared on the validation images, even when the exam of both is open: comparing is choosing.
    """
    others = {other.id: other for other in _comparable_models(card)}
    if not others:
        prose(f"There is no other network for {catalog.info(card.dataset).title} yet. Train one, then compare the two.")
        st.page_link("training.py", label="Train another one", query_params={"dataset": card.dataset})
        return
    titles = {id: f"{other.title} ({100 * other.validation_accuracy:.1f} %)" for id, other in others.items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        other = others[linked_inputs.choice("evaluation.other", "Other network", titles, width=320)]
        aspect = linked_inputs.choice("evaluation.compared", "Compare", ASPECTS, width=260)
    if card.config.get("base") != other.config.get("base"):  # else the page has said it already
        show_weights_note(other.config.get("base"))
    split = catalog.load(card.dataset, "validation")
    both = {FIRST: card, SECOND: other}
    sides = {side: (model, model_cache.answers(model, "validation")[0]) for side, model in both.items()}
    if aspect == "stand":
        comparison_charts.compare_robustness(sides, split)
    elif aspect == "maps":
        comparison_charts.compare_embeddings(sides, split)
    else:
        _compare_predictions(sides, split)


def _compare_predictions(sides: Sides, split: Split) -> None:
    """Accuracies, the images on which the predictions differ, and the confusions of each model."""
    (card, probabilities), (_, other_probabilities) = sides.values()
    class_names = card.class_names
    first, second = probabilities.argmax(axis=1), other_probabilities.argmax(axis=1)
    comparison = compare_answers(first, second, split.labels)
    _show_accuracies(sides, split.labels)
    prose(describe_paired_test(comparison, FIRST, SECOND), key="evaluation.verdict")
    for title, indices, wrong in (
        (f"Only {FIRST} is right", comparison.only_first, second),
        (f"Only {SECOND} is right", comparison.only_second, first),
    ):
        section(f"**{title}**: {len(indices):,} of {len(split):,} validation images")
        gallery([_tile(split, class_names, int(index), int(wrong[index])) for index in indices[:MAX_IMAGES]])
    prose(
        f"Both are right on {len(comparison.both_correct):,}, both wrong on {len(comparison.both_wrong):,}; on "
        f"{len(comparison.wrong_differently):,} of those they say different things."
    )
    left, right = st.columns(2, gap="large")
    with left:
        section("**Class by class**")
        scores = [class_scores(split.labels, predicted, len(class_names)) for predicted in (first, second)]
        _show_class_scores(scores, class_names)
    with right:
        section("**The confusions that changed most**")
        matrices = [confusion_counts(split.labels, predicted, len(class_names)) for predicted in (first, second)]
        _show_changed_confusions(matrices, class_names)


def _comparable_models(card: Card) -> list[Card]:
    return [
        other
        for other in selection.available_models()
        if has_answers(other)
        and (other.dataset, other.class_names) == (card.dataset, card.class_names)
        and other.id != card.id
    ]


def _show_accuracies(sides: Sides, labels: np.ndarray) -> None:
    rows = []
    for side, (card, probabilities) in sides.items():
        correct = int((probabilities.argmax(axis=1) == labels).sum())
        error = 100 * calibration(probabilities, labels).error
        low, high = (100 * end for end in calibration_error_floor(probabilities))
        accuracy = in_brief(correct, len(labels))
        error_text = f"{error:.1f} points (by chance alone: {low:.1f} to {high:.1f})"
        rows.append({"": f"{side}: {literal(card.title)}", "accuracy": accuracy, "probabilities off by": error_text})
    st.table(pd.DataFrame(rows).set_index(""))
    st.caption(
        f"{CAPTION} Which of the two is better is told by the images on which only one is right, below, not by these "
        "intervals. Off by: expected calibration error; by chance alone: that of a perfectly calibrated network."
    )


def _tile(split: Split, class_names: tuple[str, ...], index: int, wrong: int) -> GalleryImage:
    """An image with its label and the class that the mistaken model predicts."""
    true_label = class_names[int(split.labels[index])]
    return GalleryImage(
        split.image(index),
        f"{true_label}, not {class_names[wrong]}",
        f"{true_label}; one of the two says {class_names[wrong]}",
    )


def _show_class_scores(scores: list[ClassScores], class_names: tuple[str, ...]) -> None:
    first, second = scores
    columns: dict[str, list[str]] = {}
    for title, ours, theirs in (("recall", first.recall, second.recall), ("F1", first.f1, second.f1)):
        columns |= {f"{title}, {FIRST}": score_texts(ours), f"{title}, {SECOND}": score_texts(theirs)}
    st.table(pd.DataFrame(columns, index=[literal(name) for name in class_names]))


def _show_changed_confusions(matrices: list[np.ndarray], class_names: tuple[str, ...]) -> None:
    first, second = matrices
    rows = [
        {
            "": f"{literal(class_names[true_class])}, mistaken for {literal(class_names[predicted])}",
            FIRST: int(first[true_class, predicted]),
            SECOND: int(second[true_class, predicted]),
        }
        for true_class, predicted in most_changed_confusions(first, second, MAX_CONFUSIONS)
    ]
    if rows:
        st.table(pd.DataFrame(rows).set_index(""))
    else:
        prose("None: the two confuse the same classes as often.")
