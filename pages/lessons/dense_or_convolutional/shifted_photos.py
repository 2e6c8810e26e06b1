"""CIFAR-10's test images moved, mirrored and shuffled, and what the compared networks make of that."""

import pandas as pd
import streamlit as st

from cnn.analysis.evaluation.intervals import in_brief
from cnn.figures.accuracy_lines import accuracy_lines_chart
from pages.lessons.dense_or_convolutional.networks import BETWEEN, LINES, TITLES, measured
from pages.shell.page_layout import prose
from pages.shell.theme import palette

MOVED = 4  # pixels, in the sentences


def shifted_photos_view() -> None:
    """CIFAR-10: moved, mirrored, shuffled."""
    found = measured()["cifar10"]
    networks, shifts = found["networks"], found["shifts"]
    count = networks["dense"]["test"]["count"]
    st.markdown(f"**All {count:,} test images of CIFAR-10, moved to the side**")
    right = {TITLES[name]: each["by_shift"] for name, each in networks.items()}
    moved = f"Moved to the right by {MOVED} pixels: " + "; ".join(
        f"{title.lower()} {_percent(by[shifts.index(0)], count)} → {_percent(by[shifts.index(MOVED)], count)}"
        for title, by in right.items()
    )
    st.altair_chart(
        accuracy_lines_chart(
            right, shifts, count, title="moved by so many pixels (left: negative)", chance=0.1, palette=palette()
        ),
        key="dense.shifts",
        alt=f"Accuracy against the shift. {moved}",
    )
    st.caption(LINES)
    prose(moved)
    st.markdown("**Mirrored, and with all pixels shuffled in the same way**")
    rows = [
        {
            "network": TITLES[name],
            "as they are": in_brief(**each["test"]),
            "mirrored": in_brief(each["mirrored"], count),
            "learned and tested on shuffled pixels": in_brief(**each["shuffled"]),
        }
        for name, each in networks.items()
    ]
    st.table(pd.DataFrame(rows).set_index("network"))
    st.caption(BETWEEN)
    prose(
        "**Mirroring changes almost nothing**, for any of them: a dog looks the same from both sides, and the training "
        "photos look both ways. So a network that names a flipped dog rightly proves nothing about shifts. **Shuffling "
        "takes away who is whose neighbour.** The dense network does not care: to it pixels have no places. The "
        "convnets fall, because small windows are all they look through."
    )
    with st.container(horizontal=True):
        for name in ("dense", "tutorial"):
            st.page_link(
                "training.py",
                label=f"Train “{name}” on shuffled pixels yourself",
                icon=":material/play_arrow:",
                query_params={
                    "dataset": "cifar10",
                    "level": "lab",
                    "training.network": name,
                    "training.set.pixels": "yes",
                },
            )


def _percent(right: int, count: int) -> str:
    return f"{100 * right / count:.0f}\u00a0%"
