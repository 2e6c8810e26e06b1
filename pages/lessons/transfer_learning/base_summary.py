"""A base's layers as Keras prints them, and how many of its numbers learn before and after it is frozen."""

import pandas as pd
import streamlit as st

from cnn.data import catalog
from cnn.model.pretrained_bases import Base
from cnn.model.summary import BaseSummary, ParameterCounts, base_summary
from pages.shell.page_layout import prose, section
from pages.shell.printed import printed


def base_summary_view(base: Base, dataset: str) -> None:
    """Show what learns at each step towards a head for ``dataset``, and the summary of all layers."""
    classes = len(catalog.info(dataset).class_names)
    summary = _base_summary(base.name, classes)
    section("**What learns, and what is frozen** · trainable and non-trainable parameters")
    steps = {
        "the base as it comes": summary.loaded,
        "after base.trainable = False": summary.frozen,
        f"with a new head for {classes} classes": summary.with_head,
    }
    with st.container(key="transfer.counts"):
        st.table(pd.DataFrame.from_dict({step: _row(counts) for step, counts in steps.items()}, orient="index"))
    prose(
        "Freezing changes no number of the base: training only leaves them alone. Even before, "
        f"{summary.loaded.non_trainable:,} of them do not learn: the means and spreads that batch normalisation "
        f"measures. What is left to learn is the head: {summary.with_head.trainable:,} weights and biases."
    )
    section(f"**All {base.layers} layers of the frozen base** · `base.summary()`")
    printed(summary.text, f"The {base.layers} layers of {base.title}, as Keras prints them")
    if base.name == "mobilenet_v2":
        prose(
            "One layer more than Keras' own MobileNetV2 has: here the network itself makes -1 to 1 of 0 to 255 "
            "(*Rescaling*); without it the photos have to be rescaled before."
        )


@st.cache_data(max_entries=32, show_spinner="Building the base …")
def _base_summary(base: str, classes: int) -> BaseSummary:
    return base_summary(base, classes)


def _row(counts: ParameterCounts) -> dict[str, str]:
    return {
        "learn": f"{counts.trainable:,}",
        "do not learn": f"{counts.non_trainable:,}",
        "together": f"{counts.total:,}",
    }
