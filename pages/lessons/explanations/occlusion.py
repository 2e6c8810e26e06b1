"""Occlusion: a patch to drag over the image, and the map of the probability lost at every position."""

import numpy as np
import streamlit as st

from cnn.analysis.attribution.occlusion import Occlusion, occlusion
from cnn.figures.heatmap import draw_heatmap
from cnn.figures.mosaic import enlarge_to
from cnn.model.predict import predictor
from cnn.model.store import Card
from pages.components.occlusion_patch import occlusion_patch
from pages.lessons.explanations.evidence import choose_class
from pages.shell.page_layout import prose
from pages.shell.text import literal, percent
from pages.widgets import linked_inputs, model_cache
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.selected_image import SelectedImage

SIDE = 320  # of a picture on screen, in pixels


@st.cache_data(max_entries=64, show_spinner="Hiding every part once …", hash_funcs=model_cache.BY_CARD)
def _occlusion(card: Card, image: bytes, size: int, step: int) -> Occlusion:
    predict = model_cache.predict_function(card)
    if card.pixel_seed is not None:  # ``predict_function`` shuffles, and this image is shuffled already
        predict = predictor(model_cache.keras_model(card))
    return occlusion(predict, np.frombuffer(image, np.uint8).reshape(card.input_shape), size, step)


def occlusion_view(selected: SelectedImage) -> None:
    """A patch to drag, and the map of the probability that one class loses."""
    side = min(selected.image.shape[:2])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sizes = [max(2, side // part) for part in (8, 4, 3)]
        size = int(
            linked_inputs.buttons("explain.patch", "Grey square", sizes, sizes[1], format_func=lambda n: f"{n} pixels")
        )
        class_index = choose_class(selected)
    occluded = _occlusion(selected.card, selected.image.tobytes(), size, max(1, side // 16))
    label = selected.card.class_names[class_index]
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Hide a part yourself**")
        occlusion_patch(selected.image, occluded, selected.card.class_names, key="explain.occluder")
    with right:
        drop = occluded.drop(class_index)
        st.markdown(f"**Hide each part in turn**: where confidence in “{literal(label)}” drops most")
        caption = f"bright: {label} loses up to {percent(float(drop.max()))}"
        picture = draw_heatmap(enlarge_to(selected.image, SIDE), drop, occluded.borders(*selected.image.shape[:2]))
        gallery([GalleryImage(picture, caption, f"Loss of {label}")], side=SIDE)
    prose(
        f"**What it can tell.** What the network needs: without the bright parts it is less sure of {label}. No "
        "gradient is asked, only answers.\n\n**What it cannot.** A grey square is something new as well, and a thing "
        "that is there twice can lose either half without harm."
    )
