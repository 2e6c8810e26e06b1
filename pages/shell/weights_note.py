"""A sentence below a page's question about the weights behind its numbers."""

import streamlit as st

from cnn.model.mobilenet_weights import are_tuned_on_dogs
from cnn.pretrained.transfer_results import WEIGHTS_HERE_NOTE


def show_weights_note(*bases: object) -> None:
    """Say that MobileNetV2's weights here were tuned on dogs before, if they were and one of the bases is that.

    Args:
        bases: names of the bases behind the numbers; None for a network without one, as in ``card.config.get("base")``.
    """
    if "mobilenet_v2" in bases and are_tuned_on_dogs():
        st.caption(WEIGHTS_HERE_NOTE)
