"""One photo's way through a pretrained base, step by step, with its real numbers."""

import numpy as np
import streamlit as st

from cnn.data import catalog
from cnn.data.images import fit_to
from cnn.figures.feature_maps import feature_map_images
from cnn.figures.mosaic import mosaic
from cnn.model.pretrained_bases import BASES, Base
from pages.shell.page_layout import prose, section
from pages.widgets import linked_inputs
from pages.widgets.base_features import base_outputs
from pages.widgets.gallery import GalleryImage, gallery

BATCH = 32


def base_walkthrough(base: Base, dataset: str) -> None:
    """One test photo of a prepared data set: preprocessed, as the base's feature volume, and as the head's input."""
    test = catalog.load(dataset, "test")
    names = catalog.info(dataset).class_names
    number = linked_inputs.whole("transfer.photo", "Test photo", range(1, len(test) + 1), 1, width=160)
    original, label = test.image(number - 1), names[int(test.labels[number - 1])]
    fitted = fit_to(original, base.input_shape)
    height, width = original.shape[:2]
    section("**1. What goes in** · preprocessing")
    gallery(
        [
            GalleryImage(original, f"{width} × {height} pixels", f"Test photo {number}, {label}, as it is"),
            GalleryImage(
                fitted, f"{base.side} × {base.side} pixels", f"The same, as the base gets it: {base.side} pixels square"
            ),
        ],
        side=200,
        key="transfer.photo_and_input",
    )
    middle = fitted[base.side // 2, base.side // 2]
    scaled = ", ".join(f"{value / 127.5 - 1:.2f}" for value in middle)
    prose(
        "Photos have any shape; the base takes one. The largest square from the middle is kept and resized, so nothing "
        f"is squashed. Then a layer of the network makes numbers from -1 to 1 of 0 to 255: the pixel in the middle, "
        f"{', '.join(map(str, middle))}, becomes {scaled} (divided by 127.5, minus 1)."
    )
    volume, pooled = _base_outputs(base.name, np.ascontiguousarray(fitted).tobytes())
    rows, columns, channels = base.volume
    section("**2. What the base makes of it** · feature volume")
    highest = np.sort(np.argsort(-volume.max(axis=(0, 1)))[:36])
    picture = mosaic(list(feature_map_images(volume[..., highest])), columns=9, factor=8)
    gallery([GalleryImage(picture, "36 of its maps", f"36 of the {channels:,} maps of the feature volume")], side=400)
    prose(
        f"{channels:,} maps of {rows} × {columns} numbers, the array ({rows}, {columns}, {channels}); here the 36 that "
        f"answer most. For a batch of {BATCH} photos it is ({BATCH}, {rows}, {columns}, {channels}): the first number "
        "counts the photos, not filters · batch axis.",
        key="transfer.volume",
    )
    summary = "mean" if base.name == "mobilenet_v2" else "largest number"
    section(f"**3. What the head gets** · global {'average' if summary == 'mean' else 'max'} pooling")
    features = ", ".join(f"{value:.2f}" for value in pooled[:6])
    prose(
        f"Of each map only its {summary} is kept: {channels:,} numbers a photo ({features}, …), its features. The base "
        "never changes while the head learns, so they are worked out once for every photo and kept. The head "
        f"multiplies each by a weight and adds them up: {channels:,} weights and a bias for each logit; two classes "
        "share one."
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _base_outputs(base: str, pixels: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The feature volume of one fitted image, float32 (h, w, channels), and its features, float32 (channels,)."""
    image = np.frombuffer(pixels, np.uint8).reshape(1, *BASES[base].input_shape)
    volumes, pooled = base_outputs(base, image)
    return volumes[0], pooled[0]
