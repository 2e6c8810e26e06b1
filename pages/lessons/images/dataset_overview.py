"""A data set as a whole: how many of each class, its mean images, its sizes, and what is in it twice."""

import numpy as np
import pandas as pd
import streamlit as st

from cnn.data import catalog
from pages.lessons.images import dataset_cache
from pages.shell.page_layout import prose
from pages.widgets.gallery import GalleryImage, gallery

SPLITS = {"train": "training", "validation": "validation", "test": "test"}


def show_overview(name: str) -> None:
    """Show them."""
    known = catalog.info(name)
    counts = {
        title: np.bincount(catalog.load(name, split).labels, minlength=len(known.class_names))
        for split, title in SPLITS.items()
    }
    st.markdown("**How many of each class**")
    table = pd.DataFrame(counts, index=list(known.class_names))
    table.loc["all"] = table.sum()
    st.dataframe(table, key="images.counts")
    if known.shape[0] is None:
        _sizes(name)
    st.markdown("**The mean of each class's training images**")
    means = dataset_cache.image_measures(name, "train").means
    gallery(
        [
            GalleryImage(np.round(mean).astype(np.uint8), label, f"Mean image of {label}")
            for mean, label in zip(means, known.class_names, strict=True)
        ],
        side=96,
    )
    prose("What all images of a class share is left; what differs blurs away.")
    _twice(name)


def _sizes(name: str) -> None:
    sizes = dataset_cache.image_sizes(name, "train")
    sizes = sizes[np.argsort(sizes.prod(axis=1), kind="stable")]
    smallest, middle, largest = (sizes[int(share * (len(sizes) - 1))] for share in (0, 0.5, 1))
    st.markdown("**How large the photos are**")
    different = len({tuple(size) for size in sizes.tolist()})
    prose(
        f"{different:,} different sizes: the smallest has {smallest[1]} × {smallest[0]} pixels, the one in the middle "
        f"{middle[1]} × {middle[0]}, the largest {largest[1]} × {largest[0]}."
    )


def _twice(name: str) -> None:
    pairs = dataset_cache.duplicate_images(name)
    st.markdown("**In training and in the test alike**")
    if not pairs:
        prose("No test image is, pixel for pixel, a training image as well. That is as it should be.")
        return
    prose(
        f"**{len(pairs):,}** test images are, pixel for pixel, training images as well. A network may know them by "
        "heart, so they say nothing about new images."
    )
    train, test = catalog.load(name, "train"), catalog.load(name, "test")
    names = catalog.info(name).class_names
    gallery(
        [
            GalleryImage(
                test.take([other])[0],
                f"{names[int(train.labels[position])]} / {names[int(test.labels[other])]}",
                f"Training image {position + 1} and test image {other + 1}",
            )
            for position, other in pairs[:24]
        ]
    )
