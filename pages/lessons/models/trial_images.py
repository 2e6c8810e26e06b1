"""A few images to ask a network about: of its data set, or photos that come with the app."""

import numpy as np

from cnn.data import catalog
from cnn.data.builtin.sample_photos import PHOTOS, load_photo
from cnn.data.images import fit_to

TRIED = 3  # images


def trial_images(dataset: str | None, shape: tuple[int, int, int]) -> list[tuple[np.ndarray, str, int | None]]:
    """(image of the network's size, what it shows, index of its class if it is of the data set): three of them."""
    if dataset is not None and catalog.is_prepared(dataset):
        held_out = catalog.load(dataset, "validation")  # never the test images: whoever tries, chooses
        positions = np.linspace(0, len(held_out) - 1, TRIED).round().astype(int)
        labels = [int(held_out.labels[position]) for position in positions]
        names = [catalog.info(dataset).class_names[label] for label in labels]
        return list(zip(held_out.fitted(positions, shape), names, labels, strict=True))
    return [(fit_to(load_photo(name), shape), PHOTOS[name][0], None) for name in list(PHOTOS)[:TRIED]]
