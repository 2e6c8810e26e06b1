"""The view *Real photos, moved*: accuracy on CIFAR-10's test images when shifted, mirrored and shuffled."""

import pandas as pd
import streamlit as st

from cnn.analysis.evaluation.intervals import CAPTION, in_brief
from cnn.figures.accuracy_lines import accuracy_lines_chart
from pages.lessons.dense_or_convolutional.networks import LINES, TITLES, in_sentence, load_measurements
from pages.lessons.dense_or_convolutional.shuffled_photo import shuffled_photo_trial
from pages.shell.page_layout import prose, section
from pages.shell.theme import palette
from pages.widgets.charts.chart import show_chart

SHIFT = 4  # pixels to the right, in the sentence and in the code


def shifted_photos_view() -> None:
    """Show each network's accuracy on shifted, mirrored and shuffled test images."""
    measurements = load_measurements()["cifar10"]
    networks, shifts = measurements["networks"], measurements["shifts"]
    count = networks["dense"]["test"]["count"]
    with st.container(key="dense.photos"):
        section(f"**All {count:,} test images of CIFAR-10, moved to the side**")
    correct = {TITLES[name]: network["by_shift"] for name, network in networks.items()}
    before, after = shifts.index(0), shifts.index(SHIFT)
    summary = f"Moved to the right by {SHIFT} pixels: " + "; ".join(
        f"{in_sentence(title)} {_percent(by_shift[before], count)} → {_percent(by_shift[after], count)}"
        for title, by_shift in correct.items()
    )
    show_chart(
        accuracy_lines_chart,
        correct,
        shifts,
        count,
        title="moved by so many pixels (left: negative)",
        chance=0.1,
        palette=palette(),
        key="dense.shifts",
        alt=f"Accuracy against the shift. {summary}",
    )
    st.caption(LINES)
    prose(summary)
    section("**Mirrored, and with all pixels shuffled in the same way**")
    rows = [
        {
            "network": TITLES[name],
            "as they are": in_brief(**network["test"]),
            "mirrored": in_brief(network["mirrored"], count),
            "learned and tested on shuffled pixels": in_brief(**network["shuffled"]),
        }
        for name, network in networks.items()
    ]
    st.table(pd.DataFrame(rows).set_index("network"))
    st.caption(CAPTION)
    shuffled_photo_trial(networks)
    prose(
        "**Mirroring changes almost nothing**, for any of them: a dog looks the same from both sides, and the training "
        "photos look both ways. So a network that recognises a flipped dog proves nothing about shifts. **Shuffling "
        "takes away who is whose neighbour.** The dense network does not care: to it pixels have no places. The "
        "convnets fall, because small windows are all they look through."
    )
    with st.container(horizontal=True):
        for name in ("dense", "tutorial"):
            st.page_link(
                "training.py",
                label=f"Train “{TITLES[name]}” on shuffled pixels yourself",
                icon=":material/play_arrow:",
                query_params={
                    "dataset": "cifar10",
                    "level": "lab",
                    "training.network": name,
                    "training.set.pixels": "yes",
                },
            )


def _percent(correct: int, count: int) -> str:
    return f"{100 * correct / count:.0f}\u00a0%"
