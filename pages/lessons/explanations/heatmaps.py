"""Heatmaps: what one attribution method says about the selected image, and how far to trust it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.attribution.gradients import METHODS, Attribution, attribution, cam_layers
from cnn.analysis.attribution.heat_borders import heat_borders
from cnn.analysis.attribution.integrated_gradients import integrated_gradients
from cnn.analysis.attribution.smooth_gradients import smooth_gradients
from cnn.errors import ModelError
from cnn.model.store import Card
from pages.lessons.explanations.evidence import choose_class, draw_evidence
from pages.lessons.explanations.heatmap_trial import heatmap_trial
from pages.lessons.explanations.precision import describe_gap, describe_noise
from pages.lessons.explanations.sanity_check import sanity_check_view
from pages.shell.level import is_lab
from pages.shell.page_layout import plain_notice, prose
from pages.shell.text import literal
from pages.widgets import linked_inputs, model_cache
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.selected_image import SelectedImage

SIDE = 320  # of a picture on screen, in pixels
# What each method can tell, and what it cannot.
LIMITS = {
    "grad-cam": (
        "It weighs a layer's maps by how much the answer would change with them: it says *where* something counted.",
        "It cannot say what was seen there, and it is as coarse as the layer: each square is one number, "
        "in the middle of the pixels that number can see.",
    ),
    "grad-cam++": (
        "As Grad-CAM, but it leaves out places that hinder: better when a thing is there twice.",
        "It is as coarse as Grad-CAM, and says nothing of what speaks against the answer.",
    ),
    "gradient": (
        "It shows which pixels would change the answer most if they changed a little.",
        "It is noisy, and a pixel that certainly matters may stay dark: a little more of it changes nothing.",
    ),
    "smooth": (
        "The mean of the gradients of many noisy copies: the noise goes, the shape stays.",
        "What is left depends on how much noise was added.",
    ),
    "integrated": (
        "It adds gradients up on the way from black to this picture. All together should be what the score gains.",
        "A black part of the picture can never count, because it does not change on that way.",
    ),
}

# Methods that add many gradients up: what computes them, and what says in words how exact the sum is.
SUMS: dict[str, tuple[Callable[[Any], Callable[[np.ndarray, int], Any]], Callable[[Any], str]]] = {
    "smooth": (smooth_gradients, describe_noise),
    "integrated": (integrated_gradients, describe_gap),
}


def _attribution(card: Card, method: str, layer: str | None) -> Attribution:
    return model_cache.function_of(card, (method, layer), lambda model: attribution(model, method, layer))


def _sum_of_gradients(card: Card, method: str) -> Callable[[np.ndarray, int], Any]:
    return model_cache.function_of(card, method, SUMS[method][0])


@st.cache_data(max_entries=64, show_spinner="Asking the network …", hash_funcs=model_cache.BY_CARD)
def _heat(card: Card, method: str, layer: str | None, image: bytes, class_index: int) -> tuple[np.ndarray, str]:
    """Evidence for a class in one image (H, W, C) as bytes: float32 (h, w), and how exact it is, where it is a sum."""
    pixels = np.frombuffer(image, np.uint8).reshape(1, *card.input_shape)
    if method not in SUMS:
        return _attribution(card, method, layer)(pixels, class_index)[0], ""
    result = _sum_of_gradients(card, method)(pixels, class_index)
    return result.maps[0], SUMS[method][1](result)


def heatmap_view(selected: SelectedImage) -> None:
    """The image beside its heatmap by one method, with what that method can and cannot tell."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        methods = METHODS if is_lab() else {"grad-cam": METHODS["grad-cam"], "integrated": METHODS["integrated"]}
        method = linked_inputs.choice("explain.method", "Method", methods, width=240)
        class_index = choose_class(selected)
        layer = None
        layers = cam_layers(selected.model)
        if is_lab() and layers and method.startswith("grad-cam"):
            layer = linked_inputs.choice("explain.layer", "Layer", {name: name for name in layers}, width=160)
    try:
        heat, precision = _heat(selected.card, method, layer, selected.image.tobytes(), class_index)
    except ModelError as error:
        plain_notice(error)
        return
    label = selected.card.class_names[class_index]
    size = f"{heat.shape[0]} × {heat.shape[1]} numbers"
    borders = heat_borders(selected.model, method, layer)
    drawn = draw_evidence(selected.image, heat, borders, SIDE)
    gallery(
        [
            GalleryImage(selected.image, "the picture", f"What the network gets: {selected.name}"),
            GalleryImage(drawn, f"evidence for {label}", f"{METHODS[method]} for {label}, {size}"),
        ],
        side=SIDE,
    )
    if heat.max() <= 0:
        prose(f"Nothing in this picture speaks for {literal(label)}: no number is above zero.")
    else:
        heatmap_trial(selected, heat, borders, class_index)
    can, cannot = LIMITS[method]
    prose(f"**What it can tell.** {can}\n\n**What it cannot.** {cannot}", key="explain.limits")
    if precision:
        prose(precision, key="explain.precision")
    if is_lab():
        sanity_check_view(selected, method, layer, class_index)
