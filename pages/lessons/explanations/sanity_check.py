"""Whether an explanation changes as the network's weights are randomised."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.attribution.gradients import attribution
from cnn.analysis.attribution.heat_borders import heat_borders
from cnn.analysis.attribution.sanity_check import cascading_randomisation, stages
from pages.lessons.explanations.evidence import draw_evidence
from pages.shell.page_layout import prose
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.selected_image import SelectedImage

SIDE = 96  # of a picture on screen, in pixels


def sanity_check_view(selected: SelectedImage, method: str, layer: str | None, class_index: int) -> None:
    """Randomise the weights layer by layer from the top, and show the explanation after each.

    Args:
        method: one of ``METHODS``.
        layer: whose maps the method weighs; None for the methods that need none.
        class_index: the class to explain.
    """
    st.header("Does it notice when the network forgets?", anchor=False)
    prose(
        "The sanity check of Adebayo and others (2018): layer by layer from the top, what was learned is replaced by "
        "chance. A picture that stays the same shows the image, not what the network thinks."
    )
    layers, count = stages(selected.model), sum(bool(x.weights) for x in selected.model.layers)
    if len(layers) < count:
        prose(f"{count} layers of this network have weights; of them {len(layers)} are shown.")
    if not st.button("Randomise the weights, layer by layer", key="explain.forget"):
        if st.session_state.get("explain.stop"):
            with st.container(key="explain.stopped"):
                st.caption("Stopped; nothing was kept.")
        return
    stop = st.empty()
    stop.button("Stop", key="explain.stop")  # any click begins a new run of the page, which ends this one
    bar = st.progress(0.0)

    def explain_with(model: Any) -> Callable[[], np.ndarray]:
        explain = attribution(model, method, layer)
        return lambda: explain(selected.image[None], class_index)[0]

    borders = heat_borders(selected.model, method, layer)
    tiles = []
    for done, (name, heat, similarity) in enumerate(cascading_randomisation(selected.model, explain_with), 1):
        bar.progress(done / len(layers), text=f"{name} and all above it forgotten: {done} of {len(layers)}")
        alt = f"{name} and above forgotten, alike {similarity:.2f}"
        picture = draw_evidence(selected.image, heat, borders, SIDE)
        tiles.append(GalleryImage(picture, f"{name}: alike {similarity:.2f}", alt))
    stop.empty()
    bar.empty()
    with st.container(key="explain.forgotten"):
        gallery(tiles, side=SIDE)
    st.caption("Alike: rank correlation with the first picture; 1 is the same, 0 has nothing to do with it.")
