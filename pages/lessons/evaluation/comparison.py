"""Two models of one data set side by side: their numbers, what each confuses, and the images on which they differ."""

import numpy as np
import pandas as pd
import streamlit as st

from cnn.analysis.evaluation.comparison import Comparison, compare_answers, mcnemar_p_value, most_changed_confusions
from cnn.analysis.evaluation.intervals import in_brief
from cnn.analysis.evaluation.metrics import ClassScores, calibration, class_scores, confusion_counts
from cnn.data import catalog
from cnn.data.split import Split
from cnn.model.store import Card
from pages.lessons.evaluation import comparison_charts
from pages.shell import selection
from pages.shell.page_layout import prose
from pages.widgets import linked_inputs, model_cache
from pages.widgets.gallery import GalleryImage, gallery

COMPARED = {"answers": "their answers", "stand": "how much each can stand", "maps": "their maps"}
SHOWN, CHANGED = 12, 6
HERE, THERE = "this one", "the other"


def comparison_view(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """Choose another model of the same data set, and compare."""
    others = {other.id: other for other in _comparable(card)}
    if not others:
        prose(f"There is no other network for {catalog.info(card.dataset).title} yet. Train one, then compare the two.")
        st.page_link("training.py", label="Train another one", query_params={"dataset": card.dataset})
        return
    titles = {id: f"{other.title} ({100 * other.accuracy:.1f} %)" for id, other in others.items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        other = others[linked_inputs.choice("evaluation.other", "Other network", titles, width=320)]
        what = linked_inputs.choice("evaluation.compared", "Compare", COMPARED, width=260)
    theirs, _ = model_cache.answers(other, "test")
    sides = {HERE: (card, probabilities), THERE: (other, theirs)}
    if what == "stand":
        comparison_charts.compare_robustness(sides, test)
    elif what == "maps":
        comparison_charts.compare_embeddings(sides, test)
    else:
        _answers(sides, test)


def _answers(sides: dict[str, tuple[Card, np.ndarray]], test: Split) -> None:
    """Their numbers, the images on which they differ, and what each confuses."""
    (card, probabilities), (_, theirs) = sides.values()
    said, says = probabilities.argmax(axis=1), theirs.argmax(axis=1)
    found = compare_answers(said, says, test.labels)
    _numbers(sides, test.labels)
    prose(_verdict(found))
    for title, places, wrong in (
        (f"Only {HERE} is right", found.only_first, says),
        (f"Only {THERE} is right", found.only_second, said),
    ):
        st.markdown(f"**{title}**: {len(places):,} of {len(test):,} test images")
        gallery([_tile(test, card.class_names, int(place), int(wrong[place])) for place in places[:SHOWN]])
    prose(
        f"Both are right on {len(found.both_correct):,}, both wrong on {len(found.both_wrong):,}; on "
        f"{len(found.wrong_differently):,} of those they say different things."
    )
    tables = [confusion_counts(test.labels, answers, len(card.class_names)) for answers in (said, says)]
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Class by class**")
        _classes(
            [class_scores(test.labels, answers, len(card.class_names)) for answers in (said, says)], card.class_names
        )
    with right:
        st.markdown("**The confusions that changed most**")
        _changes(tables, card.class_names)


def _comparable(card: Card) -> list[Card]:
    return [
        other
        for other in selection.available_models()
        if (other.dataset, other.class_names) == (card.dataset, card.class_names) and other.id != card.id
    ]


def _numbers(sides: dict[str, tuple[Card, np.ndarray]], labels: np.ndarray) -> None:
    rows = []
    for side, (card, probabilities) in sides.items():
        right = int((probabilities.argmax(axis=1) == labels).sum())
        error = 100 * calibration(probabilities, labels).error
        accuracy, off = in_brief(right, len(labels)), f"{error:.1f} points"
        rows.append({"": f"{side}: {card.title}", "accuracy": accuracy, "probabilities off by": off})
    st.table(pd.DataFrame(rows).set_index(""))
    st.caption(
        "In brackets: where nineteen of twenty other sets of test images would put it · 95 % confidence interval. "
        "Off by: expected calibration error."
    )


def _verdict(found: Comparison) -> str:
    first, second = len(found.only_first), len(found.only_second)
    if first + second == 0:
        return "**There is no image on which only one of the two is right**: nothing tells which is better."
    p = mcnemar_p_value(first, second)
    judged = "hardly chance" if p < 0.01 else "perhaps not chance" if p < 0.05 else "that may well be chance"
    often = "under 0.1" if p < 0.001 else f"{100 * p:.1f}" if p < 0.1 else f"{100 * p:.0f}"
    return (
        f"**Of {first + second:,} images on which only one is right, {HERE} has {first:,} and {THERE} {second:,}: "
        f"{judged}.** Two equally good networks would differ as much or more in {often} of 100 cases · McNemar's test. "
        "It judges these two networks, not their recipes: trained again, each would come out a little different."
    )


def _tile(test: Split, names: tuple[str, ...], place: int, wrong: int) -> GalleryImage:
    truth = names[int(test.labels[place])]
    return GalleryImage(
        test.image(place), f"{truth}, not {names[wrong]}", f"{truth}; one of the two says {names[wrong]}"
    )


def _classes(scores: list[ClassScores], names: tuple[str, ...]) -> None:
    columns: dict[str, list[str]] = {}
    first, second = scores
    for title, one, two in (("recall", first.recall, second.recall), ("F1", first.f1, second.f1)):
        columns |= {f"{title}, {HERE}": _shares(one), f"{title}, {THERE}": _shares(two)}
    st.table(pd.DataFrame(columns, index=list(names)))


def _changes(tables: list[np.ndarray], names: tuple[str, ...]) -> None:
    first, second = tables
    rows = [
        {"": f"{names[truth]}, taken for {names[said]}", HERE: int(first[truth, said]), THERE: int(second[truth, said])}
        for truth, said in most_changed_confusions(first, second, CHANGED)
    ]
    if rows:
        st.table(pd.DataFrame(rows).set_index(""))
    else:
        prose("None: the two confuse the same classes as often.")


def _shares(values: np.ndarray) -> list[str]:
    return ["–" if np.isnan(value) else f"{100 * value:.0f}\u00a0%" for value in values]
