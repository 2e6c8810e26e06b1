"""A heatmap put to the test: guess what hiding its brightest part does to the answer, then look."""

import hashlib

import numpy as np
import streamlit as st

from cnn.analysis.activations.receptive_field import Borders
from cnn.analysis.attribution.hidden_squares import brightest_and_darkest, heat_of_pixels, hide_square
from cnn.model.predict import top_classes
from pages.lessons.explanations.occlusion import predict_as_shown
from pages.shell.page_layout import prose
from pages.shell.text import literal, percent
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.selected_image import SelectedImage

SIDE = 144  # of a picture on screen, in pixels
PART = 4  # the hidden square's side is this part of the image's
CLEAR = 0.1  # by how much more the brightest square must count


def heatmap_trial(selected: SelectedImage, heat: np.ndarray, borders: Borders, class_index: int) -> None:
    """Hide the brightest square of a heatmap, ask for a guess, then show the answer and that without the darkest.

    Args:
        heat: float (h, w), evidence for ``class_index`` that is above 0 somewhere.
        borders: of its cells, see ``heat_borders``.
    """
    card, image = selected.card, selected.image
    size = max(2, min(image.shape[:2]) // PART)
    corners = brightest_and_darkest(heat_of_pixels(heat, borders, *image.shape[:2]), size)
    hidden = [hide_square(image, corner, size) for corner in corners]
    name = card.class_names[int(selected.probabilities.argmax())]
    with st.container(key="explain.trial"):
        pictures, words = st.columns([1, 1.3], gap="large")
        with words:
            st.markdown(
                f"**Does the map say why?** A grey square of {size} × {size} pixels hides where it is brightest. "
                "What will the network say now?"
            )
            # One key for each map: a guess about another picture says nothing about this one.
            key = hashlib.sha256(card.fingerprint.encode() + image.tobytes() + heat.tobytes()).hexdigest()[:12]
            options = {"same": f"still {literal(name)}", "other": "something else"}
            guess = st.segmented_control(
                "Your guess", list(options), key=f"explain.guess.{key}", format_func=options.__getitem__
            )
            answers = predict_as_shown(card)(np.stack(hidden)) if guess else None
            if answers is not None:
                prose(describe_trial(card.class_names[class_index], selected.probabilities, answers, class_index))
    captions = ["brightest part hidden", "darkest part hidden"]
    if answers is not None:
        said = [top_classes(card, answer, 1)[0] for answer in answers]
        captions = [f"{part}: {best}, {percent(p)}" for part, (best, p) in zip(captions, said, strict=True)]
    shown = len(hidden) if guess else 1  # the second belongs to the answer
    with pictures:
        tiles = [GalleryImage(picture, text, text) for picture, text in zip(hidden, captions, strict=True)]
        gallery(tiles[:shown], side=SIDE, key="explain.trial.pictures")


def describe_trial(label: str, whole: np.ndarray, answers: np.ndarray, class_index: int) -> str:
    """What hiding either square did to the probability of a class, and what that says about its heatmap.

    Args:
        label: the class.
        whole: float (classes,), the answer for the whole image.
        answers: float (2, classes), without the brightest and without the darkest square.
    """
    before, bright, dark = (float(answer[class_index]) for answer in (whole, *answers))
    if dark - bright > CLEAR:
        verdict = "So the map points at a part that the answer needs. *Why* it needs it, no map says."
    elif bright - dark > CLEAR:
        verdict = "So the answer needs the dark part more: this map points at the wrong place."
    else:
        verdict = "So both parts matter about as much: a bright part need not be one that the answer needs."
    return (
        f"{literal(label)} had {percent(before)}. Without the brightest part it has **{percent(bright)}**, without the "
        f"darkest **{percent(dark)}**. {verdict}"
    )
