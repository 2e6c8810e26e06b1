"""What to do where no network has learned from the selected data set yet."""

import streamlit as st

from cnn.data import catalog
from cnn.training import duration_estimate
from cnn.training.config import recipe
from pages.shell import selection
from pages.shell.page_layout import notice
from pages.shell.text import duration, literal
from pages.widgets.dataset_preparation import offer_preparation


def offer_training() -> None:
    """Say that there is no network for the selected data set, and lead to where one is made, or prepare the images."""
    name = selection.dataset()
    title = literal(catalog.info(name).title)
    if not catalog.is_prepared(name):
        notice(f"No network for **{title}** yet, and the images are not on this machine either.", key="network.missing")
        offer_preparation(name)
        return
    seconds = duration_estimate.seconds(recipe(name, "tutorial"))
    notice(
        f"No network for **{title}** yet. Train one (about {duration(seconds)}), or use transfer learning.",
        key="network.missing",
    )
    with st.container(horizontal=True):
        st.page_link("training.py", label="Train one", icon=":material/arrow_forward:")
        st.page_link("transfer_learning.py", label="Use transfer learning", icon=":material/arrow_forward:")
