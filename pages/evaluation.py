"""Evaluation: how good the network is, which classes it confuses, and whether it knows when it is wrong.

It is about the validation images until the network's final exam is open, and about the test images from then on.
"""

import streamlit as st

from cnn.data import catalog
from cnn.keras_code.evaluation import evaluation_code
from cnn.model.final_exam import scored_split
from pages.lessons.evaluation import (
    calibration,
    comparison,
    confusion,
    embedding_map,
    guessing,
    label_errors,
    robustness,
)
from pages.lessons.evaluation.best_of_many import best_of_many_view
from pages.shell.level import is_lab
from pages.shell.page_layout import page_foot, page_header, prose
from pages.widgets import dataset_preparation, linked_inputs, model_cache
from pages.widgets.scores.class_balance import show_balanced_accuracy
from pages.widgets.scores.final_exam import show_final_exam
from pages.widgets.scores.mistakes import show_mistakes
from pages.widgets.scores.near_twins import show_near_twins
from pages.widgets.selected_image import selected_network
from pages.widgets.study import answers_at_hand

QUESTIONS = {
    "confusion": "Which classes does it mix up?",
    "mistakes": "Most confident mistakes",
    "sure": "Can you trust its confidence?",
    "guess": "Can you do better?",
    "exam": "Why a sealed exam?",
}
LAB_QUESTIONS = {
    "classes": "How good is it at each class?",
    "doubt": "Least certain",
    "labels": "Are some labels wrong?",
    "map": "Which images look alike to the network?",
    "robustness": "How robust is it?",
    "compare": "How does it compare with another?",
}
VIEWS = {
    "confusion": confusion.confusion_view,
    "mistakes": lambda card, probabilities, split: show_mistakes(card),
    "sure": calibration.calibration_view,
    "guess": guessing.guessing_view,
    "exam": lambda card, probabilities, split: best_of_many_view(card, split),
    "classes": confusion.class_scores_view,
    "doubt": label_errors.lowest_margin_view,
    "labels": label_errors.label_errors_view,
    "map": embedding_map.embedding_map_view,
    "robustness": robustness.robustness_view,
    "compare": lambda card, probabilities, split: comparison.comparison_view(card),
}

page_header("Evaluation", "How good is it really, on images it has never seen?", page="evaluation")
card = selected_network()
if not answers_at_hand(card):
    st.stop()
show_final_exam(card, key="evaluation.exam")
if not catalog.is_prepared(card.dataset):
    dataset_preparation.offer_preparation(card.dataset)
    st.stop()
split = catalog.load(card.dataset, scored_split(card))
probabilities, _ = model_cache.answers(card, split.name)
show_balanced_accuracy(card.dataset, split.labels, probabilities.argmax(axis=1), key="evaluation.balanced")
show_near_twins(card.dataset, key="evaluation.near_twins")
questions = QUESTIONS | (LAB_QUESTIONS if is_lab() else {})
question = linked_inputs.view("evaluation.view", "Question", questions)
VIEWS[question](card, probabilities, split)

prose(
    "**What to notice.** One number hides a lot: two networks of the same accuracy can make quite different mistakes. "
    "And a network that says 90 % should be right nine times out of ten."
)
page_foot(
    [
        "Open the largest mistake. Would you have known better?",
        "Guess some images against the network. Are its mistakes yours, too?",
        "Compare two networks: which confusion did the better one get rid of?",
        "Find a mistake that it is sure of, and look at its explanation.",
    ],
    code=evaluation_code(
        card.dataset, card.input_shape, scored_split(card), one_logit=card.one_logit, pixel_seed=card.pixel_seed
    ),
    reading=[
        ("On calibration of modern neural networks (Guo et al., 2017)", "https://arxiv.org/abs/1706.04599"),
        (
            "Confident learning: estimating uncertainty in labels (Northcutt et al., 2021)",
            "https://arxiv.org/abs/1911.00068",
        ),
        (
            "Statistical tests for comparing learning algorithms (Dietterich, 1998)",
            "https://doi.org/10.1162/089976698300017197",
        ),
        ("Label errors in well-known test sets", "https://labelerrors.com"),
    ],
)
