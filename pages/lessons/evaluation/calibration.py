"""How well confidence matches accuracy: the reliability diagram, and the effect of a temperature."""

import numpy as np
import streamlit as st

from cnn.analysis.evaluation.intervals import in_words
from cnn.analysis.evaluation.metrics import (
    apply_temperature,
    best_temperature,
    calibration,
    calibration_error_floor,
    scale_crosswise,
)
from cnn.data.split import Split
from cnn.figures.calibration import reliability_chart
from cnn.model.store import Card
from pages.shell.page_layout import prose, section
from pages.shell.text import percent
from pages.shell.theme import palette
from pages.widgets import model_cache
from pages.widgets.charts.chart import show_chart
from pages.widgets.scores.split_words import images_of

CERTAIN = 0.99  # the probability that pupils take for certainty


def calibration_view(card: Card, probabilities: np.ndarray, split: Split) -> None:
    """The reliability diagram, and the calibration error before and after temperature scaling."""
    measured = calibration(probabilities, split.labels)
    section("**When it is so sure, how often is it right?** · calibration")
    show_chart(
        reliability_chart,
        measured.confidence,
        measured.accuracy,
        measured.counts,
        palette(),
        key="evaluation.reliability",
        alt=f"Reliability: on average its probabilities are off by {100 * measured.error:.1f} points.",
    )
    prose(describe_nearly_certain(probabilities, split), key="evaluation.certain")
    held_out = model_cache.answers(card, "validation")
    temperature = best_temperature(*held_out)
    # Validation images are scaled crosswise: a temperature measured on the images it was fitted to looks too good.
    crosswise = split.name == "validation"
    scaled = scale_crosswise(*held_out) if crosswise else apply_temperature(probabilities, temperature)
    scaled_error = calibration(scaled, split.labels).error
    floor, scaled_floor = calibration_error_floor(probabilities), calibration_error_floor(scaled)
    prose(
        "A point is a tenth of all probabilities; below the line it is too sure. On average they are off by "
        f"**{_points(measured.error)}** · expected calibration error. "
        f"{describe_floor(measured.error, floor, len(split))}",
        key="evaluation.calibration",
    )
    prose(describe_temperature(temperature, (measured.error, floor), (scaled_error, scaled_floor)))
    if crosswise:
        st.caption("Each half of these images was scaled by the number that fits the other half.")


def describe_nearly_certain(probabilities: np.ndarray, split: Split) -> str:
    """How often answers given with ``CERTAIN`` or more are right, in words."""
    correct = (probabilities.argmax(axis=1) == split.labels)[probabilities.max(axis=1) >= CERTAIN]
    said = f"It said **{percent(CERTAIN)} or more** for {len(correct):,} of {len(split):,} {images_of(split)}"
    if not len(correct):
        return f"{said}."
    return (
        f"{said}. Of these answers {int(correct.sum()):,} are right: {in_words(int(correct.sum()), len(correct))}. "
        "About pictures of another kind, such as things of none of its classes, this says nothing."
    )


def describe_floor(error: float, floor: tuple[float, float], images: int) -> str:
    """What chance alone would show, and whether this error is more.

    Args:
        error: the measured calibration error, 0..1.
        floor: what a perfectly calibrated network shows, (low, high), 0..1.
        images: how many there are.
    """
    low, high = (f"{100 * end:.1f}" for end in floor)
    verdict = "this is more than chance" if error > floor[1] else "so this may be nothing but chance"
    return (
        f"With only {images:,} images even perfect probabilities would be off by {low} to {high} points, nine times "
        f"out of ten: {verdict}."
    )


def describe_temperature(
    temperature: float, before: tuple[float, tuple[float, float]], after: tuple[float, tuple[float, float]]
) -> str:
    """What dividing all scores by one number changes.

    Args:
        temperature: that number, fitted on the validation images.
        before: the calibration error, and what chance alone would show, both 0..1.
        after: the same with the temperature.
    """
    (error, floor), (scaled_error, scaled_floor) = before, after
    if abs(temperature - 1) < 0.1:
        tendency = "about as sure as it should be"
    else:
        tendency = "too sure of itself" if temperature > 1 else "less sure than it could be"
    if error <= floor[1]:
        effect = "Here there is little to mend"
    elif scaled_error <= scaled_floor[1]:
        effect = "One number mends all that can be told from chance"
    elif scaled_error < 0.7 * error:
        effect = "One number mends much of it"
    else:
        effect = "One number for all of them changes little"
    return (
        f"On the validation images this network is {tendency}. {effect}: with its scores divided by "
        f"**{temperature:.2f}** · temperature, fitted on those, they are off by **{_points(scaled_error)}**."
    )


def _points(error: float) -> str:
    return f"{100 * error:.1f} points"
