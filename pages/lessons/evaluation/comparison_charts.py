"""Two networks of one data set side by side: how much each can stand, and their maps of the test images."""

import numpy as np
import streamlit as st

from cnn.analysis.evaluation.embedding import same_class_neighbours
from cnn.analysis.evaluation.robustness import DISTURBANCES, AccuracyLoss, largest_loss, losses_differ
from cnn.data.split import Split
from cnn.figures.accuracy_lines import accuracy_lines_chart
from cnn.figures.embedding_map import embedding_map_chart
from cnn.model.store import Card
from pages.lessons.evaluation.embedding_map import SIGNS, choose_arrangement, describe_map, embedding
from pages.lessons.evaluation.robustness import choose_disturbance, robustness
from pages.shell.page_layout import prose
from pages.shell.text import percent
from pages.shell.theme import palette

HEIGHT = 420
NEIGHBOURS = 5

Sides = dict[str, tuple[Card, np.ndarray]]


def compare_robustness(sides: Sides, test: Split) -> None:
    """Accuracy against the strength of one disturbance, of both networks; a button for each that was not measured."""
    found = {}
    for (side, (card, _)), page in zip(sides.items(), ("evaluation.here", "evaluation.there"), strict=True):
        measured = robustness(card, f"Disturb the test images for {side}: {card.title}", page=page)
        if measured is not None:
            found[side] = measured
    if len(found) < len(sides):
        prose("Noise, blur, darkness, turning and moving: each network is asked about the same disturbed test images.")
        return
    name = choose_disturbance()
    each = DISTURBANCES[name]
    count = min(int(measured["count"]) for measured in found.values())
    losses = {side: largest_loss(name, measured[name], count) for side, measured in found.items()}
    chance = 1 / len(next(iter(sides.values()))[0].class_names)
    lines = {f"{side}: {sides[side][0].title}": measured[name].tolist() for side, measured in found.items()}
    told = "; ".join(
        f"{line}: "
        + ", ".join(f"{strength:g}: {percent(n / count)}" for strength, n in zip(each.strengths, right, strict=True))
        for line, right in lines.items()
    )
    st.altair_chart(
        accuracy_lines_chart(lines, each.strengths, count, title=each.axis, chance=chance, palette=palette()),
        key="evaluation.robustness.both",
        alt=f"Right answers by {each.axis}. {told}.",
    )
    st.caption("Dashed: {}. Solid: {}.".format(*lines))
    of = f"{count:,} of the {len(test):,} test images" if count < len(test) else f"all {count:,} test images"
    prose(f"{who_loses_more(losses)} Measured on {of}, the same for both.")


def who_loses_more(losses: dict[str, AccuracyLoss]) -> str:
    """In one sentence, from the losses of two networks."""
    (here, first), (there, second) = losses.items()
    if not losses_differ(first, second):
        verdict = "Neither clearly loses more"
    else:
        verdict = f"{here if first.fraction > second.fraction else there} loses more".capitalize()
    parts = [
        f"{side} goes from {percent(loss.undisturbed / loss.count)} to {percent(loss.worst / loss.count)} (at "
        f"{loss.strength:g}), {100 * loss.fraction:.0f} points"
        for side, loss in losses.items()
    ]
    return f"**{verdict}**: at worst, {parts[0]}, and {parts[1]}."


def compare_embeddings(sides: Sides, test: Split) -> None:
    """The map of each network, and how well it keeps classes together; a button for each that has none."""
    card = next(iter(sides.values()))[0]
    layout, highlight = choose_arrangement(card)
    columns = st.columns(2, gap="medium")
    pages = ("evaluation.here", "evaluation.there")
    shown = 0
    for (side, (card, probabilities)), column, page in zip(sides.items(), columns, pages, strict=True):
        with column:
            st.markdown(f"**{side.capitalize()}: {card.title}**")
            found = embedding(card, f"Draw the map of {side}", page=page)
            if found is None:
                continue
            shown += 1
            positions, places = found["positions"], found[layout]
            truth, said = test.labels[positions], probabilities[positions].argmax(axis=1)
            st.altair_chart(
                embedding_map_chart(
                    places,
                    positions,
                    truth,
                    said,
                    card.class_names,
                    palette(),
                    highlight,
                    height=HEIGHT,
                    pick=False,
                ),
                key=f"{page}.map",
                alt=f"{side}: {describe_map(len(positions))}",
            )
            count = min(NEIGHBOURS, len(positions) - 1)
            same, by_chance = same_class_neighbours(places, truth, count)
            prose(
                f"Of the {count} nearest neighbours of an image on this map, **{same:.1f}** are of its class, on "
                f"average; in a random order, {by_chance:.1f}."
            )
    if shown:
        st.caption(SIGNS)
