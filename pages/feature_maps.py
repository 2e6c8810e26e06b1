"""Feature maps: the output of every layer for a picture, down to how a single activation is computed."""

import streamlit as st

from cnn.analysis.activations.feature_maps import last_volume, map_layers
from cnn.keras_code.snippets import feature_maps_code
from cnn.model.predict import top_classes
from pages.lessons.feature_maps.activation_maximisation import show_maximised_image
from pages.lessons.feature_maps.colours import meaning_of_zero
from pages.lessons.feature_maps.layers import (
    choose_layer,
    choose_map,
    choose_part,
    describe_volume,
    open_depths,
    show_filter,
    show_map,
    show_top_images,
)
from pages.lessons.feature_maps.number_origin import Step, show_number_origin
from pages.shell.level import is_lab
from pages.shell.page_layout import page_foot, page_header, prose
from pages.shell.text import literal, percent
from pages.widgets import linked_inputs, model_cache
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.selected_image import select_image

STARTS = {"map": "the selected map", "answer": "the network's answer"}

page_header("Feature maps", "What does every layer see in this picture?", page="maps")
selected = select_image()
zero = ""
if selected is not None:
    card, model, name, image = selected.card, selected.model, selected.name, selected.image
    best, probability = top_classes(card, selected.probabilities, 1)[0]
    # From the picture, through the layers, to the answer.
    with st.container(horizontal=True, vertical_alignment="center", key="maps.network"):
        with st.container(width=112, key="maps.picture"):
            gallery([GalleryImage(image, name, f"What the network gets: {name}")], side=96)
        through = st.container(key="maps.through")
        with st.container(width=152, key="maps.answer"):
            st.header(f"It says: {literal(best)}, {percent(probability)}", anchor=False)
    outputs = model_cache.outputs_of_every_layer(card, image)
    layers = map_layers(model)
    if is_lab():
        layers = [layer.name for layer in model.layers[2:] if len(layer.output.shape) == 4]
    last = "logits" if "logits" in outputs else model.layers[-1].name
    answer: Step = (last, (card.class_names.index(best) if outputs[last].shape[1] > 1 else 0,))
    volume = last_volume(model)
    if volume is None or not layers:
        prose("This network has no convolution, so it has no maps; but its answer can be followed down to the pixels.")
        show_number_origin(card.id, model, outputs, answer, image, card.class_names)
    else:
        with through:
            part = choose_part()
            layer = volume if part == "base" else choose_layer(model, layers, outputs)
        maps = outputs[layer][0]
        zero = f" {meaning_of_zero(layer, maps)}"
        if part == "base":
            describe_volume(model, layer, maps)
        filter_index = choose_map(layer, maps)
        the_map, origin, its_filter, images = open_depths()
        with the_map:
            position = show_map(model, layer, filter_index, maps, image)
        with origin:
            begin = linked_inputs.choice("maps.begin", "Start from", STARTS, width=240)
            start = (layer, (*position, filter_index)) if begin == "map" else answer
            show_number_origin(card.id, model, outputs, start, image, card.class_names)
        with its_filter:
            show_filter(model, layer, filter_index)
            show_maximised_image(card, model, layer, filter_index)
        with images:
            show_top_images(card, model, layer, filter_index)

prose(
    "**What to notice.** Early maps still look like the picture: edges and colours. Deeper ones are small and respond "
    f"to larger things.{zero} Every number is worked out from numbers before it: convolutions and dense layers add up "
    "products and a bias, max pooling keeps the largest number, ReLU turns whatever is below zero into 0."
)
page_foot(
    [
        "Find a map that responds to edges, and one that responds to a colour. Look at its filter.",
        "Start from the answer and follow the largest product, again and again. Which pixel do you reach?",
        "Take another picture of the same class. Which maps answer again?",
        "Train a network for one epoch and look at its maps: what is missing?",
    ],
    code=feature_maps_code(*(selected.card.pixel_seed, selected.reading) if selected else ()),
    about=selected.card.title if selected else "",
    reading=[
        (
            "Visualizing and understanding convolutional networks (Zeiler & Fergus, 2014)",
            "https://arxiv.org/abs/1311.2901",
        ),
        ("Feature visualization (Olah et al., 2017)", "https://distill.pub/2017/feature-visualization/"),
    ],
)
