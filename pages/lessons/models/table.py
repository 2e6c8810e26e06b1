"""All models side by side: how good each is on validation images, and how large."""

import time
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from cnn.data import catalog
from cnn.data.class_balance import majority_share
from cnn.figures.model_sizes import model_sizes_chart
from cnn.model.store import Card
from pages.shell.csv_file import text_cell
from pages.shell.theme import palette
from pages.widgets.charts.chart import show_chart


def show_table(cards: Sequence[Card]) -> None:
    """Show all models in a table and a chart."""
    rows = [
        {
            "model": text_cell(card.title),
            "data set": text_cell(catalog.info(card.dataset).title),
            "validation accuracy": f"{100 * card.validation_accuracy:.1f} %" if card.measured else "not measured",
            "parameters": f"{card.parameters:,}",
            "file": f"{card.bytes / 1e6:.1f} MB",
            "made": time.strftime("%d %b %Y, %H:%M", time.localtime(card.created)),
            "whose": ("yours ★" if card.starred else "yours") if card.workspace else "the app",
        }
        for card in cards
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="models.table")
    points = [
        {
            "name": card.title,
            "dataset": catalog.info(card.dataset).title,
            "parameters": card.parameters,
            "accuracy": card.validation_accuracy,
            "guessing": majority_share(card.dataset, "validation"),
            "own": card.workspace is not None,
        }
        for card in cards
        if card.measured
    ]
    show_chart(
        model_sizes_chart,
        points,
        palette(),
        key="models.sizes",
        alt="Accuracy on validation images and number of parameters of each model, by data set, as in the table.",
    )
    st.caption("The area of a dot is the number of parameters. The tick on each line marks what guessing gives.")
