"""Occlusion: a patch to drag over the image, and the map of the probability lost at every position."""

import numpy as np
import streamlit as st

from cnn.analysis.attribution.occlusion import Occlusion, occlusion
from cnn.figures.heatmap import draw_heatmap
from cnn.figures.mosaic import enlarge_to
from cnn.model.predict import Predict, predictor
from cnn.model.store import Card
from pages.components.occlusion_patch import occlusion_patch
from pages.lessons.explanations.evidence import choose_class
from pages.shell.page_layout import prose, section
from pages.shell.text import literal, percent
from pages.widgets import linked_inputs, model_cache
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.selected_image import SelectedImage

SIDE = 320  # of a picture on screen, in pixels


def predict_as_shown(card: Card) -> Predict:
    """The prediction function for images as the layers get them: those of ``SelectedImage``."""
    if card.pixel_seed is None:
        return model_cache.predict_function(card)
    return predictor(model_cache.keras_model(card))  # ``predict_function`` shuffles, and they are shuffled already


@st.cache_data(max_entries=64, show_spinner="Hiding every part once …", hash_funcs=model_cache.BY_CARD)
def _occlusion(card: Card, image: bytes, size: int, step: int) -> Occlusion:
    return occlusion(predict_as_shown(card), np.frombuffer(image, np.uint8).reshape(card.input_shape), size, step)


def occlusion_view(selected: SelectedImage) -> None:
    """A patch to drag, and the map of the probability that one class loses."""
    side = min(selected.image.shape[:2])
    pictures = st.container(key="explain.pictures")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sizes = [max(2, side // part) for part in (8, 4, 3)]
        size = int(
            linked_inputs.buttons("explain.patch", "Grey square", sizes, sizes[1], format_func=lambda n: f"{n} pixels")
        )
        class_index = choose_class(selected)
    occluded = _occlusion(selected.card, selected.image.tobytes(), size, max(1, side // 16))
    label = selected.card.class_names[class_index]
    with pictures:
        left, right = st.columns(2, gap="large")
    with left:
        section("**Hide a part yourself**", level=3)
        occlusion_patch(selected.image, occluded, selected.card.class_names, key="explain.occluder")
    with right:
        drop = occluded.drop(class_index)
        section(f"**Hide each part in turn**: where confidence in “{literal(label)}” drops most", level=3)
        caption = f"bright: {label} loses up to {percent(float(drop.max()))}"
        picture = draw_heatmap(enlarge_to(selected.image, SIDE), drop, occluded.borders(*selected.image.shape[:2]))
        gallery([GalleryImage(picture, caption, f"Where confidence in {label} drops")], side=SIDE)
    prose(
        "**What it can tell.** What the network needs: without the bright parts it is less sure of "
        f"{literal(label)}. The method needs no gradients, only answers.\n\n**What it cannot.** A grey square is "
        "itself something new, and of a thing that is there twice, either copy can go without harm."
    )
