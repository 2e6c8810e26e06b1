"""Predict: what the network says about the visitor's own photo or drawing."""

import streamlit as st

from cnn.data.class_balance import majority_share
from cnn.data.photo_code import PhotoReading
from cnn.errors import CnnError
from cnn.keras_code.snippets import predict_code
from cnn.model.predict import low_confidence_hint, top_classes
from pages.lessons.predict.asking_again import show_asking_again
from pages.lessons.predict.cut import choose_place, with_cut
from pages.lessons.predict.several_photos import show_several
from pages.shell.page_layout import page_foot, page_header, plain_notice, prose
from pages.shell.text import literal, percent
from pages.widgets import model_cache
from pages.widgets.charts.probability_bars import probability_bars
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.image_strip.kept_pictures import Source, look_at
from pages.widgets.image_strip.strip import choose_images
from pages.widgets.selected_image import selected_network

SIDE = 320  # of the picture on the page, in pixels

page_header("Predict", "What does the network make of a picture it has never seen?", page="predict")

card = selected_network()
predict = model_cache.predict_one(card)


def show_one(source: Source) -> PhotoReading:
    """Show a photo with what is cut off, the network's input made from it, and the answer; says how it was read."""
    picture = look_at(source, card.input_shape)
    left, right = st.columns([1, 1.3], gap="large")
    with left:
        above = st.container(key="predict.picture")
        place = choose_place(picture.size, card.input_shape)
        with above:
            shown = picture.shown if place is None else with_cut(picture.shown, card.input_shape, place)
            gallery([GalleryImage(shown, source.name, source.name)], side=SIDE)
    seen = look_at(source, card.input_shape, place).seen
    probabilities = predict(seen[None])[0]
    best, probability = top_classes(card, probabilities, 1)[0]
    with right:
        with st.container(key="predict.answer"):
            st.header(f"It says: {literal(best)}, {percent(probability)}", anchor=False)
        probability_bars(card.class_names, probabilities, majority_share(card.dataset, "test"))
        if hint := low_confidence_hint(probabilities):
            st.markdown(hint)
        with st.container(horizontal=True, key="predict.next"):
            st.page_link("feature_maps.py", label="What does every layer see in it?", icon=":material/arrow_forward:")
            st.page_link("explanations.py", label="Which part made it say that?", icon=":material/arrow_forward:")
            st.page_link(
                "evaluation.py",
                label="Can you trust its confidence?",
                icon=":material/arrow_forward:",
                query_params={"evaluation.view": "sure"},
            )
        height, width, channels = card.input_shape
        size = f"what the network gets: {height} x {width} pixels, {'grey' if channels == 1 else 'red, green and blue'}"
        with st.container(horizontal=True, key="predict.seen"):
            with st.container(width=160):
                gallery([GalleryImage(seen, size, f"The same picture, {size}")], side=112)
            with st.container(width="stretch"):
                show_asking_again(card, seen)
    return PhotoReading(picture.decoding, place)


reading = PhotoReading()
try:
    match choose_images(card):
        case [source]:
            reading = show_one(source)
        case sources:
            show_several(card, sources)
except CnnError as error:
    plain_notice(error)

prose(f"**{literal(card.title)}** knows: {', '.join(map(literal, card.class_names))}.")
prose(
    "**What to notice.** The network does not see your picture but a copy, scaled to the one size it takes. It must "
    "choose among the classes it knows, even when none fits. The percentages are made from its raw scores (logits) by "
    "*softmax*, so that they add up to 100."
)
page_foot(
    [
        "Show it something that is none of its classes. How sure is it?",
        "Show the same thing from closer and from further away. When does it change its mind?",
        "Choose another network at the top and ask again.",
    ],
    code=predict_code(card.class_names, one_logit=card.one_logit, pixel_seed=card.pixel_seed, reading=reading),
    about=card.title,
    reading=[("Why ReLU networks are sure of nonsense (Hein et al., 2019)", "https://arxiv.org/abs/1812.05720")],
)
