"""Images with the network's predictions."""

import numpy as np

from cnn.data.split import Split
from cnn.model.store import Card
from pages.shell.page_layout import prose
from pages.shell.text import answer_caption
from pages.widgets.gallery import GalleryImage, Mark, gallery
from pages.widgets.scores.split_words import image_name

MAX_SHOWN = 24


def show_predictions(
    card: Card, probabilities: np.ndarray, split: Split, indices: np.ndarray, *, top_two: bool = False
) -> None:
    """Show images with the predicted class below each, at most ``MAX_SHOWN``.

    Args:
        probabilities: float32 (N, classes), for the whole split.
        indices: int (M,), positions in the split, in the order shown.
        top_two: also give the class that came second.
    """
    tiles = []
    for index in indices[:MAX_SHOWN].tolist():
        order = np.argsort(-probabilities[index], kind="stable")
        true_label, predicted = card.class_names[int(split.labels[index])], card.class_names[int(order[0])]
        caption = answer_caption(predicted, float(probabilities[index, order[0]]), true_label)
        if top_two:
            second = card.class_names[int(order[1])]
            caption += f"; second {answer_caption(second, float(probabilities[index, order[1]]))}"
        mark: Mark = "right" if predicted == true_label else "wrong"
        image = split.fitted([index], card.input_shape)[0]
        tiles.append(
            GalleryImage(image, caption, f"{image_name(split, index)}: {true_label}, predicted {predicted}", mark)
        )
    if tiles:
        gallery(tiles)
    else:
        prose("None.")
