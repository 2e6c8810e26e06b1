"""Two models of one data set side by side: their robustness, and their embeddings of the validation images."""

import numpy as np
import streamlit as st

from cnn.analysis.evaluation.embedding import same_class_neighbours
from cnn.analysis.evaluation.robustness import DISTURBANCES, AccuracyLoss, largest_loss, losses_differ
from cnn.data.split import Split
from cnn.figures.accuracy_lines import accuracy_lines_chart
from cnn.figures.embedding_map import EmbeddingMap
from cnn.model.store import Card
from pages.lessons.evaluation.embedding_map import choose_layout, describe_map, draw_map, embedding, show_legend
from pages.lessons.evaluation.robustness import (
    choose_disturbance,
    describe_curve,
    describe_sample,
    guessing_accuracy,
    robustness,
)
from pages.shell.page_layout import prose, section
from pages.shell.text import literal, percent
from pages.shell.theme import palette
from pages.widgets.charts.chart import show_chart

HEIGHT = 420
NEIGHBOURS = 5

Sides = dict[str, tuple[Card, np.ndarray]]


def compare_robustness(sides: Sides, split: Split) -> None:
    """Accuracy of both models against the strength of one disturbance; a button for each model not measured yet."""
    results = {}
    for (side, (card, _)), page in zip(sides.items(), ("evaluation.here", "evaluation.there"), strict=True):
        result = robustness(card, split, f"Run the robustness test for {side}: {literal(card.title)}", page=page)
        if result is not None:
            results[side] = result
    if len(results) < len(sides):
        prose("Noise, blur, darkness, turning and moving: both networks answer the same disturbed validation images.")
        return
    name = choose_disturbance()
    disturbance = DISTURBANCES[name]
    count = int(next(iter(results.values()))["count"])
    losses = {side: largest_loss(name, result[f"{name} right"]) for side, result in results.items()}
    chance = guessing_accuracy(split)
    lines = {f"{side}: {sides[side][0].title}": result[name].tolist() for side, result in results.items()}
    description = "; ".join(
        f"{title}: {describe_curve(disturbance.strengths, correct, count)}" for title, correct in lines.items()
    )
    show_chart(
        accuracy_lines_chart,
        lines,
        disturbance.strengths,
        count,
        title=disturbance.axis,
        chance=chance,
        palette=palette(),
        key="evaluation.robustness.both",
        alt=f"Right answers by {disturbance.axis}. {description}.",
    )
    st.caption("Dashed: {}. Solid: {}.".format(*map(literal, lines)))
    prose(f"{who_loses_more(losses)} Measured on {describe_sample(count, split)}, the same for both.")


def who_loses_more(losses: dict[str, AccuracyLoss]) -> str:
    """In one sentence, from the losses of two networks."""
    (here, first), (there, second) = losses.items()
    if not losses_differ(first, second):
        verdict = "Neither clearly loses more"
    else:
        verdict = f"{here if first.fraction > second.fraction else there} loses more".capitalize()
    parts = [
        f"{side} goes from {percent(float(loss.undisturbed.mean()))} to {percent(float(loss.worst.mean()))} (at "
        f"{loss.strength:g}), {100 * loss.fraction:.0f} points"
        for side, loss in losses.items()
    ]
    return f"**{verdict}**: at worst, {parts[0]}, and {parts[1]}."


def compare_embeddings(sides: Sides, split: Split) -> None:
    """Both models' maps, and how well each keeps classes together; a button for each map not computed yet."""
    card = next(iter(sides.values()))[0]
    layout, highlight = choose_layout(card)
    columns = st.columns(2, gap="medium")
    pages = ("evaluation.here", "evaluation.there")
    maps_shown = 0
    for (side, (card, probabilities)), column, page in zip(sides.items(), columns, pages, strict=True):
        with column:
            section(f"**{side.capitalize()}: {literal(card.title)}**")
            result = embedding(card, split, f"Draw the map of {side}", page=page)
            if result is None:
                continue
            maps_shown += 1
            indices, points = result["positions"], result[layout]
            labels, predicted = split.labels[indices], probabilities[indices].argmax(axis=1)
            st.altair_chart(
                draw_map(
                    card, split, EmbeddingMap(points, indices, labels, predicted), highlight, height=HEIGHT, pick=False
                ),
                key=f"{page}.map",
                alt=f"{side}: {describe_map(len(indices), split)}",
            )
            count = min(NEIGHBOURS, len(indices) - 1)
            same, by_chance = same_class_neighbours(points, labels, count)
            prose(
                f"Of the {count} nearest neighbours of an image on this map, **{same:.1f}** are of its class, on "
                f"average; in a random order, {by_chance:.1f}."
            )
    if maps_shown:
        show_legend(card.class_names)
