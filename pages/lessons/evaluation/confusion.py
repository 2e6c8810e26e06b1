"""The views of *Evaluation*: one question each, answered from what the network said to the test images."""

import numpy as np
import pandas as pd
import streamlit as st

from cnn.analysis.evaluation.metrics import (
    best_temperature,
    by_class,
    calibration,
    confusion,
    largest_mistake,
    likely_label_errors,
    most_doubtful,
    tempered,
)
from cnn.data.split import Split
from cnn.figures.calibration import reliability_chart
from cnn.model.store import Card
from pages.components.confusion_matrix import matrix
from pages.lessons.evaluation.label_votes import vote
from pages.shell.page_layout import prose
from pages.shell.theme import palette
from pages.widgets import model_cache
from pages.widgets.gallery import Tile, gallery
from pages.widgets.probability_bars import percent

SHOWN = 24


def confusions(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """The confusion matrix, and the images of one cell."""
    said = probabilities.argmax(axis=1)
    table = confusion(test.labels, said, len(card.class_names))
    worst = largest_mistake(table) or (0, 0)
    key = f"evaluation.cell.{card.id}"
    chosen = st.session_state.get(key, worst)
    clicked = matrix(table, card.class_names, chosen, key=f"evaluation.matrix.{card.id}")
    if clicked is not None:
        st.session_state[key] = chosen = clicked
    truth, answer = (card.class_names[number] for number in chosen)
    places = np.flatnonzero((test.labels == chosen[0]) & (said == chosen[1]))
    places = places[np.argsort(-probabilities[places, chosen[1]], kind="stable")]
    what = f"**{truth}, rightly named**" if truth == answer else f"**{truth}, taken for {answer}**"
    st.markdown(f"{what}: {len(places):,} of {int(table[chosen[0]].sum()):,}, the surest first")
    answered(card, probabilities, test, places)


def classes(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """Precision, recall and F1 of every class."""
    table = confusion(test.labels, probabilities.argmax(axis=1), len(card.class_names))
    scores = by_class(table)
    frame = pd.DataFrame(
        {
            "test images": table.sum(axis=1),
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


def doubts(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """The images between whose two best classes the network can hardly decide."""
    st.markdown("**Where its two best answers are closest.** Would you be sure?")
    answered(card, probabilities, test, most_doubtful(probabilities), second=True)


def sureness(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """The reliability diagram, and what a temperature mends."""
    found = calibration(probabilities, test.labels)
    st.markdown("**When it is so sure, how often is it right?** · calibration")
    st.altair_chart(
        reliability_chart(found.sure, found.right, found.counts, palette()),
        key="evaluation.reliability",
        alt=f"Reliability: on average its probabilities are off by {100 * found.error:.1f} points.",
    )
    temperature = best_temperature(*model_cache.answers(card, "validation"))
    after = calibration(tempered(probabilities, temperature), test.labels).error
    before, now = (f"{100 * error:.1f} points" for error in (found.error, after))
    if abs(temperature - 1) < 0.1:
        leaning = "about as sure as it should be"
    else:
        leaning = "too sure of itself" if temperature > 1 else "less sure than it could be"
    mended = "One number mends much of it" if after < 0.7 * found.error else "One number for all of them changes little"
    prose(
        f"A point is a tenth of all probabilities; below the line it is too sure. On average they are off by "
        f"**{before}** · expected calibration error. This network is {leaning}. {mended}: with its scores divided by "
        f"**{temperature:.2f}** · temperature, fitted on held-out images, they are off by **{now}**."
    )


def labels(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """Images whose label may be wrong."""
    found = likely_label_errors(probabilities, test.labels)
    st.markdown(
        f"**{len(found):,} test images whose label the network doubts with good reason** · confident learning. "
        "Who is right, the label or the network?"
    )
    if not len(found):
        prose("None.")
        return
    vote(card, probabilities, test, found[:SHOWN].tolist())
    st.markdown("**The least likely labels, all at once**")
    tiles = []
    for place in found[:SHOWN].tolist():
        label, said = (card.class_names[int(n)] for n in (test.labels[place], probabilities[place].argmax()))
        what = f"Test image {place + 1}: labelled {label}, named {said}"
        # Neither right nor wrong: that is the question here.
        tiles.append(Tile(test.fitted([place], card.input_shape)[0], f"{label} or {said}?", what))
    gallery(tiles)
    prose("Most of these are simply mistakes of the network. But some data sets, CIFAR-10 too, do have wrong labels.")


def answered(card: Card, probabilities: np.ndarray, test: Split, places: np.ndarray, *, second: bool = False) -> None:
    """The first of the test images at ``places``, each with what was said, or also what came ``second``."""
    tiles = []
    for place in places[:SHOWN].tolist():
        order = np.argsort(-probabilities[place], kind="stable")
        truth, said = card.class_names[int(test.labels[place])], card.class_names[int(order[0])]
        caption = f"{said} {percent(float(probabilities[place, order[0]]))}"
        if second:
            caption += f", {card.class_names[int(order[1])]} {percent(float(probabilities[place, order[1]]))}"
        mark = "right" if said == truth else "wrong"
        if said != truth:
            caption += f", is {truth}"
        tiles.append(
            Tile(
                test.fitted([place], card.input_shape)[0],
                caption,
                f"Test image {place + 1}: {truth}, named {said}",
                mark,
            )
        )
    if tiles:
        gallery(tiles)
    else:
        prose("None.")


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.0f}\u00a0%"
