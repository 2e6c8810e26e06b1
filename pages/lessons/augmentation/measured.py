"""Whether augmentation helps on the built-in data sets, measured beforehand, and the example that the view opens on."""

from typing import NamedTuple

import streamlit as st

from cnn.requests import runs as run_requests
from pages.shell import permalink, selection
from pages.shell.page_layout import prose
from pages.shell.workspace import workspace

EXAMPLE, EXAMPLE_PRESET = "shapes", "turned"
_OPENED = "augmentation.opened"


class Measured(NamedTuple):
    """Right answers on validation images, added up over the runs of two seeds.

    Attributes:
        images: validation images, each counted once for a seed.
        without: right answers without augmentation; the others are those with a preset.
        light: mirrored and shifted.
        turned: shifted, turned and zoomed, and nothing mirrored.
        common: the settings that the page opens with.
    """

    images: int
    without: int
    light: int
    turned: int
    common: int


# The runs of this page, 15 epochs of the simple CNN on at most 2,000 images, with the seeds 0 and 1.
MEASURED = {"shapes": Measured(1600, 1447, 1514, 1534, 1256), "digits": Measured(288, 281, 279, 284, 255)}
REASONS = {
    "shapes": "Small changes help here; the common settings, which are stronger, make it worse.",
    "digits": "Mirroring does not help here: nobody writes a mirrored 2, so the network learns from pictures that it "
    "will not meet.",
}


def show_measured(dataset: str) -> None:
    """Say what was measured on a data set, if anything, and lead to the example unless it is selected."""
    if dataset in MEASURED:
        measured = MEASURED[dataset]
        prose(
            f"Measured beforehand, with two seeds: of {measured.images:,} validation answers **{measured.without:,}** "
            f"are right without augmentation, **{measured.light:,}** mirrored and shifted, **{measured.turned:,}** "
            f"turned but not mirrored, **{measured.common:,}** with the common settings. {REASONS[dataset]}",
            key="augmentation.measured",
        )
    if dataset != EXAMPLE:
        query = {"dataset": EXAMPLE, "augmentation.view": "help", "augmentation.preset": EXAMPLE_PRESET}
        label = "A data set where it helps: Drawn shapes"
        st.page_link("augmentation.py", label=label, icon=":material/arrow_forward:", query_params=query)


def open_on_example() -> None:
    """Select the example when *Does it help?* is first clicked, in the callback of the views.

    Not over a choice: only while the data set and the settings are still those that the page opens with, and no runs
    have been compared.
    """
    if st.session_state.get("augmentation.view") != "help" or st.session_state.get(_OPENED):
        return
    st.session_state[_OPENED] = True
    name = selection.dataset()
    is_untouched = name == selection.DEFAULT_DATASET and "augmentation.preset" not in st.query_params
    if is_untouched and not run_requests.latest_compared(workspace(), name):
        selection.select(dataset=EXAMPLE)
        permalink.choose_text("augmentation.preset", EXAMPLE_PRESET)
