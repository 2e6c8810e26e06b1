"""An overview of a data set: class counts, image sizes, mean images, and duplicates between training and test."""

import numpy as np
import pandas as pd
import streamlit as st

from cnn.data import catalog
from cnn.data.duplicates import NEAR
from pages.lessons.images import dataset_cache
from pages.shell.csv_file import text_cell
from pages.shell.page_layout import prose, section
from pages.widgets.gallery import GalleryImage, gallery

DUPLICATES_SHOWN = 24
NEAR_DUPLICATES_SHOWN = 8
SPLITS = {"train": "training", "validation": "validation", "test": "test"}


def show_overview(name: str) -> None:
    """Show the overview of the data set ``name``."""
    dataset_info = catalog.info(name)
    counts = {
        title: np.bincount(catalog.load(name, split).labels, minlength=len(dataset_info.class_names))
        for split, title in SPLITS.items()
    }
    section("**How many of each class**")
    table = pd.DataFrame(counts, index=list(map(text_cell, dataset_info.class_names)))
    table.loc["all"] = table.sum()
    st.dataframe(table, key="images.counts")
    if dataset_info.shape[0] is None:
        _show_sizes(name)
    section("**The mean of each class's training images**")
    means = dataset_cache.image_measures(name, "train").class_means
    gallery(
        [
            GalleryImage(np.round(mean).astype(np.uint8), label, f"Mean image of {label}")
            for mean, label in zip(means, dataset_info.class_names, strict=True)
        ],
        side=96,
        key="images.means",
    )
    prose("What all images of a class share is left; what differs blurs away.")
    _show_duplicates(name)
    if dataset_info.shape[-1] == 3 and not dataset_info.builtin:  # drawn or grey images of a class are all alike
        _show_near_duplicates(name)


def _show_sizes(name: str) -> None:
    sizes = dataset_cache.image_sizes(name, "train")
    sizes = sizes[np.argsort(sizes.prod(axis=1), kind="stable")]
    smallest, middle, largest = (sizes[int(quantile * (len(sizes) - 1))] for quantile in (0, 0.5, 1))
    section("**How large the photos are**")
    distinct = len({tuple(size) for size in sizes.tolist()})
    prose(
        f"{distinct:,} different sizes: the smallest has {smallest[1]} × {smallest[0]} pixels, the one in the middle "
        f"{middle[1]} × {middle[0]}, the largest {largest[1]} × {largest[0]}."
    )


def _show_duplicates(name: str) -> None:
    pairs = dataset_cache.duplicate_images(name)
    section("**In training and in the test alike**")
    if not pairs:
        prose(
            "No test image is, pixel for pixel, a training image as well. That is as it should be.",
            key="images.no_duplicates",
        )
        return
    prose(
        f"**{len(pairs):,}** test images are, pixel for pixel, training images as well. A network may know them by "
        "heart, so they say nothing about new images."
    )
    train, test = catalog.load(name, "train"), catalog.load(name, "test")
    class_names = catalog.info(name).class_names
    gallery(
        [
            GalleryImage(
                test.take([test_position])[0],
                f"{class_names[int(train.labels[train_position])]} / {class_names[int(test.labels[test_position])]}",
                f"Training image {train_position + 1} and test image {test_position + 1}",
            )
            for train_position, test_position in pairs[:DUPLICATES_SHOWN]
        ]
    )


def _show_near_duplicates(name: str) -> None:
    """On request, because it takes seconds: test images whose near duplicate is among the training images."""
    section("**Near duplicates: almost the same picture on both sides**")
    requested = f"images.near_duplicates.{name}"
    if not st.session_state.get(requested):
        prose("The same car from the same advertisement, cut a little differently: who has seen one knows the other.")
        st.button("Find near duplicates", key="images.find_near_duplicates", on_click=_request, args=(requested,))
        return
    pairs = dataset_cache.near_duplicate_images(name)
    train, test = catalog.load(name, "train"), catalog.load(name, "test")
    count = len({pair.second for pair in pairs})
    prose(
        f"**{count:,}** of {len(test):,} test images have a near duplicate among the training images: their pixels "
        f"correlate by {NEAR:g} or more, where 1 is the same picture. A network may have memorised these, so its "
        "result in the test looks a little better than it is.",
        key="images.near_duplicates",
    )
    if name == "cifar10":
        prose(
            "That CIFAR-10 has them was [found in 2020](https://cvjena.github.io/cifair/): *ciFAIR* is the same data "
            "set with other test images in their place."
        )
    class_names = catalog.info(name).class_names
    tiles = []
    for pair in pairs[:NEAR_DUPLICATES_SHOWN]:
        for split, title, position in ((train, "training", pair.first), (test, "test", pair.second)):
            label = class_names[int(split.labels[position])]
            text = f"{title.capitalize()} image {position + 1}, {label}; its near duplicate is beside it"
            tiles.append(GalleryImage(split.take([position])[0], f"{title}: {label}", text))
    gallery(tiles)


def _request(key: str) -> None:
    st.session_state[key] = True
