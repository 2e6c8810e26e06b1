"""The sample images that come with the app."""

import numpy as np

from cnn.data import catalog
from cnn.model import store


def test_sample_labels_are_indices_of_the_data_sets_classes() -> None:
    with np.load(store.PRETRAINED / "flow.npz") as file:
        assert tuple(map(str, file["names"])) == catalog.info("shapes").class_names
