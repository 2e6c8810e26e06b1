"""Activation maximisation: the image that activates a filter most, computed on request."""

from typing import Any

import streamlit as st

from cnn.analysis.activations.receptive_field import receptive_field
from cnn.model.store import Card
from pages.shell.page_layout import notice, section
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.study import study_result

# The last convolution of cifar10-resnet takes 6 to 7 on two idle cores, with starting TensorFlow and reading the model.
SECONDS = 10.0


def show_maximised_image(card: Card, model: Any, layer: str, filter_index: int) -> None:
    """The image that activates a filter most: the button that requests it, its progress, or the image.

    Args:
        layer: of ``model``, with an output (N, h, w, filters).
        filter_index: from 0.
    """
    section("**The image that would excite it most**, made for it", level=3)
    settings = {"layer": layer, "number": filter_index}
    label = "Search for the image that activates it most"
    result = study_result(card, "strongest image", settings, label=label, seconds=SECONDS, page="maps")
    if result is None:
        return
    maximised, noise = float(result["end"]), float(result["random"])
    if maximised <= 0:
        notice(
            f"Nothing was found that map {filter_index + 1} of {layer} answers to: it stayed at 0 through all the "
            "search. It may be dead, as a filter is called that answers to no picture; choose another map."
        )
        return
    caption = f"{maximised:.3g}; noise gives {noise:.3g}"
    alt = f"The image made for map {filter_index + 1} of {layer}: {caption}"
    with st.container(key="maps.strongest"):
        gallery([GalleryImage(result["image"], caption, alt)], side=192)
    height, width = model.get_layer(layer).output.shape[1:3]
    rows, columns = receptive_field(model, layer, height // 2, width // 2)
    size = f"{rows.stop - rows.start} × {columns.stop - columns.start}"
    st.caption(
        "Nobody took this picture, and it is not from training: it began as grey noise, and its pixels were changed "
        f"step by step to what this filter likes most. Each number of the map sees {size} pixels of it. Both numbers "
        "are the mean of the map, with what is below 0 counted as 0; the noise is random pixels."
    )
