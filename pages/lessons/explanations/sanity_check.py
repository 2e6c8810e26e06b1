"""Whether an explanation notices that the network forgets."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.attribution.gradients import attribution
from cnn.analysis.attribution.sanity_check import cascading_randomisation, stages
from pages.lessons.explanations.evidence import draw_evidence
from pages.shell.page_layout import prose
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.selected_image import SelectedImage


def sanity_check_view(hand: SelectedImage, method: str, layer: str | None, number: int) -> None:
    st.header("Does it notice when the network forgets?", anchor=False)
    prose(
        "The sanity check of Adebayo and others (2018): layer by layer from the top, what was learned is replaced by "
        "chance. A picture that stays the same shows the image, not what the network thinks."
    )
    layers, count = stages(hand.model), sum(bool(each.weights) for each in hand.model.layers)
    if len(layers) < count:
        prose(f"{count} layers of this network have weights; of them {len(layers)} are shown.")
    if not st.button("Let it forget, layer by layer", key="explain.forget"):
        if st.session_state.get("explain.stop"):
            st.caption("Stopped; nothing was kept.")
        return
    stop = st.empty()
    stop.button("Stop", key="explain.stop")  # any click begins a new run of the page, which ends this one
    bar = st.progress(0.0)

    def explaining(model: Any) -> Callable[[], np.ndarray]:
        explain = attribution(model, method, layer)
        return lambda: explain(hand.image[None], number)[0]

    tiles = []
    for done, (name, heat, alike) in enumerate(cascading_randomisation(hand.model, explaining), 1):
        bar.progress(done / len(layers), text=f"{name} and all above it forgotten: {done} of {len(layers)}")
        said = f"{name} and above forgotten, alike {alike:.2f}"
        tiles.append(GalleryImage(draw_evidence(hand.image, heat), f"{name}: alike {alike:.2f}", said))
    stop.empty()
    bar.empty()
    gallery(tiles, side=96)
    st.caption("Alike: rank correlation with the first picture; 1 is the same, 0 has nothing to do with it.")
