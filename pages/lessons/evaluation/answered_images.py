"""Test images with what a network said to them."""

import numpy as np

from cnn.data.split import Split
from cnn.model.store import Card
from pages.shell.page_layout import prose
from pages.shell.text import percent
from pages.widgets.gallery import GalleryImage, gallery

SHOWN = 24


def show_answered_images(
    card: Card, probabilities: np.ndarray, test: Split, places: np.ndarray, *, second: bool = False
) -> None:
    """The first of the test images at ``places``, each with what was said, or also what came ``second``."""
    tiles = []
    for place in places[:SHOWN].tolist():
        order = np.argsort(-probabilities[place], kind="stable")
        truth, said = card.class_names[int(test.labels[place])], card.class_names[int(order[0])]
        caption = f"{said} {percent(float(probabilities[place, order[0]]))}"
        if second:
            caption += f", {card.class_names[int(order[1])]} {percent(float(probabilities[place, order[1]]))}"
        mark = "right" if said == truth else "wrong"
        if said != truth:
            caption += f", is {truth}"
        tiles.append(
            GalleryImage(
                test.fitted([place], card.input_shape)[0],
                caption,
                f"Test image {place + 1}: {truth}, named {said}",
                mark,
            )
        )
    if tiles:
        gallery(tiles)
    else:
        prose("None.")
