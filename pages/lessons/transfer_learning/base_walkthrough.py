"""What happens to one photo on its way through a pretrained base, step by step, with its real numbers."""

import numpy as np
import streamlit as st

from cnn.data import catalog
from cnn.data.images import fit_to
from cnn.figures.feature_maps import feature_map_images
from cnn.figures.mosaic import mosaic
from cnn.model.pretrained_bases import BASES, Base
from pages.shell.page_layout import prose
from pages.widgets import linked_inputs
from pages.widgets.base_features import base_outputs
from pages.widgets.gallery import GalleryImage, gallery

BATCH = 32


def base_walkthrough(base: Base, dataset: str) -> None:
    """The original, what preprocessing makes of it, the base's feature volume, and the numbers that the head gets."""
    test = catalog.load(dataset, "test")
    names = catalog.info(dataset).class_names
    number = linked_inputs.whole("transfer.photo", "Test photo", range(1, len(test) + 1), 1, width=160)
    original, truth = test.image(number - 1), names[int(test.labels[number - 1])]
    seen = fit_to(original, base.input_shape)
    height, width = original.shape[:2]
    st.markdown("**1. What goes in** · preprocessing")
    gallery(
        [
            GalleryImage(original, f"{width} × {height} pixels", f"Test photo {number}, {truth}, as it is"),
            GalleryImage(
                seen, f"{base.side} × {base.side} pixels", f"The same, as the base gets it: {base.side} pixels square"
            ),
        ],
        side=200,
    )
    middle = seen[base.side // 2, base.side // 2]
    scaled = ", ".join(f"{value / 127.5 - 1:.2f}" for value in middle)
    prose(
        "Photos have any shape; the base takes one. The largest square from the middle is kept and resized, so nothing "
        f"is squashed. Then a layer of the network makes numbers from -1 to 1 of 0 to 255: the pixel in the middle, "
        f"{', '.join(map(str, middle))}, becomes {scaled} (divided by 127.5, minus 1)."
    )
    volume, pooled = _volume(base.name, np.ascontiguousarray(seen).tobytes())
    rows, columns, channels = base.volume
    st.markdown("**2. What the base makes of it** · feature volume")
    strongest = np.sort(np.argsort(-volume.max(axis=(0, 1)))[:36])
    picture = mosaic(list(feature_map_images(volume[..., strongest])), columns=9, factor=8)
    gallery([GalleryImage(picture, "36 of its maps", f"36 of the {channels:,} maps of the feature volume")], side=400)
    one = f"({rows}, {columns}, {channels})"
    prose(
        f"{channels:,} maps of {rows} × {columns} numbers, the array {one}; here the 36 that answer most. For a "
        f"batch of {BATCH} photos it is ({BATCH}, {rows}, {columns}, {channels}): the first number counts the "
        "photos, the batch axis, and not filters, as the tutorial has it."
    )
    how = "mean" if base.name == "mobilenet_v2" else "largest number"
    st.markdown(f"**3. What the head gets** · global {'average' if how == 'mean' else 'max'} pooling")
    first = ", ".join(f"{value:.2f}" for value in pooled[:6])
    prose(
        f"Of each map only its {how} is kept: {channels:,} numbers a photo ({first}, …), its features. The base never "
        "changes while the head learns, so they are worked out once for every photo and kept. The head multiplies each "
        f"by a weight and adds them up: {channels:,} weights and a bias for each "
        "logit; two classes share one."
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _volume(name: str, pixels: bytes) -> tuple[np.ndarray, np.ndarray]:
    """float32 (h, w, channels), and pooled (channels,)."""
    image = np.frombuffer(pixels, np.uint8).reshape(1, *BASES[name].input_shape)
    volumes, pooled = base_outputs(name, image)
    return volumes[0], pooled[0]
