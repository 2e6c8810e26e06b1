"""How well confidence matches accuracy: the reliability diagram, and the effect of a temperature."""

import numpy as np
import streamlit as st

from cnn.analysis.evaluation.metrics import apply_temperature, best_temperature, calibration
from cnn.data.split import Split
from cnn.figures.calibration import reliability_chart
from cnn.model.store import Card
from pages.shell.page_layout import prose
from pages.shell.theme import palette
from pages.widgets import model_cache


def calibration_view(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """The reliability diagram, and the calibration error before and after temperature scaling."""
    measured = calibration(probabilities, test.labels)
    st.markdown("**When it is so sure, how often is it right?** · calibration")
    st.altair_chart(
        reliability_chart(measured.confidence, measured.accuracy, measured.counts, palette()),
        key="evaluation.reliability",
        alt=f"Reliability: on average its probabilities are off by {100 * measured.error:.1f} points.",
    )
    temperature = best_temperature(*model_cache.answers(card, "validation"))
    scaled_error = calibration(apply_temperature(probabilities, temperature), test.labels).error
    before, after = (f"{100 * error:.1f} points" for error in (measured.error, scaled_error))
    if abs(temperature - 1) < 0.1:
        tendency = "about as sure as it should be"
    else:
        tendency = "too sure of itself" if temperature > 1 else "less sure than it could be"
    effect = (
        "One number mends much of it"
        if scaled_error < 0.7 * measured.error
        else "One number for all of them changes little"
    )
    prose(
        f"A point is a tenth of all probabilities; below the line it is too sure. On average they are off by "
        f"**{before}** · expected calibration error. This network is {tendency}. {effect}: with its scores divided by "
        f"**{temperature:.2f}** · temperature, fitted on held-out images, they are off by **{after}**.",
        key="evaluation.calibration",
    )
