"""A network's answer as bars: the top classes, all others combined, and a tick at chance level."""

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.shell.text import percent

SHOWN = 3


def probability_bars(class_names: Sequence[str], probabilities: np.ndarray, guessing: float) -> None:
    """Show the three most probable classes and the rest.

    Args:
        probabilities: (classes,), summing to 1.
        guessing: the accuracy of always naming the most frequent class, 0..1, marked by a tick.
    """
    order = np.argsort(-probabilities, kind="stable")[:SHOWN]
    rows = [(class_names[i], float(probabilities[i])) for i in order]
    others = len(class_names) - len(rows)
    if others > 0:
        remaining = max(0.0, 1 - sum(probability for _, probability in rows))
        rows.append((f"{others} others" if others > 1 else class_names[int(np.argmin(probabilities))], remaining))
    chance = 100 * guessing
    items = "".join(_row(name, probability, chance, first=i == 0) for i, (name, probability) in enumerate(rows))
    note = f"The tick marks what guessing gives: {chance:.0f} %."
    st.html(f'<div role="list" class="bars">{items}</div><p class="bars-note">{note}</p>')


def _row(name: str, probability: float, chance: float, *, first: bool) -> str:
    return (
        f'<div role="listitem" class="{"first" if first else "rest"}"><span>{html.escape(name)}</span>'
        f'<span class="bar" aria-hidden="true"><i style="width: {100 * probability:.1f}%"></i>'
        f'<b style="left: {chance:.1f}%"></b></span><span class="share">{percent(probability)}</span></div>'
    )
