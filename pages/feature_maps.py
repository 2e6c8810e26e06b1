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
    show_filter,
    show_map,
    show_top_images,
)
from pages.lessons.feature_maps.number_origin import Step, show_number_origin
from pages.shell.level import is_lab
from pages.shell.page_layout import as_keras_code, further_reading, page_header, prose, try_this
from pages.shell.text import literal, percent
from pages.widgets import linked_inputs, model_cache
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.selected_image import select_image

STARTS = {"map": "the selected map", "answer": "the network's answer"}

page_header("Feature maps", "What does every layer see in this picture?", page="maps", best_wide=True)
selected = select_image("maps")
zero = ""
if selected is not None:
    card, model, name, image = selected.card, selected.model, selected.name, selected.image
    best, probability = top_classes(card, selected.probabilities, 1)[0]
    gallery([GalleryImage(image, name, f"What the network gets: {name}")], side=160)
    st.markdown(
        f"**It says: {literal(best)}, {percent(probability)}.** From the picture to this answer, layer by layer:"
    )
    outputs = model_cache.outputs_of_every_layer(card, image)
    layers = map_layers(model)
    if is_lab():
        layers = [layer.name for layer in model.layers[2:] if len(layer.output.shape) == 4]
    last = "logits" if "logits" in outputs else model.layers[-1].name
    start: Step = (last, (card.class_names.index(best) if outputs[last].shape[1] > 1 else 0,))
    volume = last_volume(model)
    if volume is None or not layers:
        prose("This network has no convolution, so it has no maps; but its answer can be followed down to the pixels.")
        begin = "answer"
    else:
        part = choose_part()
        layer = volume if part == "base" else choose_layer(model, layers, outputs)
        maps = outputs[layer][0]
        zero = f" {meaning_of_zero(layer, maps)}"
        if part == "base":
            describe_volume(model, layer, maps)
        st.header(f"The {maps.shape[2]} maps of {layer}", anchor=False)
        filter_index = choose_map(layer, maps)
        position = show_map(model, layer, filter_index, maps, image)
        show_filter(model, layer, filter_index)
        show_top_images(card, model, layer, filter_index)
        show_maximised_image(card, model, layer, filter_index)
        st.header("Where does this number come from?", anchor=False)
        begin = linked_inputs.choice("maps.begin", "Start from", STARTS, width=240)
        if begin == "map":
            start = (layer, (*position, filter_index))
    show_number_origin(card.id, model, outputs, start, image, card.class_names)

prose(
    "**What to notice.** Early maps still look like the picture: edges and colours. Deeper ones are small and answer "
    f"to things.{zero} Every number is worked out from numbers before it: convolutions and dense layers add up "
    "products and a bias, max pooling keeps the largest number, ReLU makes 0 of what is below zero."
)
try_this(
    [
        "Find a map that answers to edges, and one that answers to a colour. Look at its filter.",
        "Start from the answer and follow the largest product, again and again. Which pixel do you reach?",
        "Take another picture of the same class. Which maps answer again?",
        "Train a network for one epoch and look at its maps: what is missing?",
    ]
)
as_keras_code(feature_maps_code(*(selected.card.pixel_seed, selected.reading) if selected else ()))
further_reading(
    [
        (
            "Visualizing and understanding convolutional networks (Zeiler & Fergus, 2014)",
            "https://arxiv.org/abs/1311.2901",
        ),
        ("Feature visualization (Olah et al., 2017)", "https://distill.pub/2017/feature-visualization/"),
    ]
)
