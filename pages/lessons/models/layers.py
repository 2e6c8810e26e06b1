"""The inside of a model: its layers, and the filters of its first convolution."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from cnn.figures.filters import filter_images
from cnn.figures.mosaic import mosaic, png
from cnn.model import store
from pages.components.data_uri import png_data_uri
from pages.shell.page_layout import prose, section
from pages.shell.printed import printed
from pages.widgets import model_cache


def show_layers(card: store.Card) -> None:
    """The layers with output shapes and parameters, as a table and as Keras prints them, and the first filters."""
    model = model_cache.keras_model(card)
    rows = [
        {
            "layer": layer.name,
            "output": " x ".join(map(str, layer.output.shape[1:])),
            "parameters": layer.count_params(),
            "non-trainable": sum(math.prod(weight.shape) for weight in layer.non_trainable_weights),
        }
        for layer in model.layers
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="models.layers")
    section("**The same, as Keras prints it** · `model.summary()`", level=3)
    printed(model_cache.summary(card), f"The layers of {card.title}, as Keras prints them")
    first = next((layer for layer in model.layers if hasattr(layer, "filters")), None)
    if first is None:
        prose("This network has no convolution, so it has no filters to show: each unit looks at all pixels at once.")
        return
    images = filter_images(np.asarray(first.kernel).transpose(3, 0, 1, 2))
    prose(
        f"**The {len(images)} filters of its first layer**, learned from images. Mid-grey is a weight of zero; "
        "light: positive, dark: negative. Look for edges and spots of colour."
    )
    alt = f"{len(images)} learned filters of {first.kernel_size[0]} x {first.kernel_size[1]} weights"
    st.image(png_data_uri(png(mosaic(images, 8, factor=14, background=128))), alt=alt)
