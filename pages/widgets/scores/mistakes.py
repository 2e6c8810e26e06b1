"""The images that a model misclassifies, the most confident mistakes first."""

from cnn.data import catalog
from cnn.model import store
from cnn.model.final_exam import scored_split
from pages.shell.page_layout import prose
from pages.shell.text import answer_caption
from pages.widgets import model_cache
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.scores.split_words import images_of
from pages.widgets.study import answers_at_hand


def show_mistakes(card: store.Card) -> None:
    """Show the misclassified images of ``scored_split``, the most confident mistakes first."""
    if not answers_at_hand(card):
        return
    wrong, probabilities = model_cache.mistakes(card)
    split = catalog.load(card.dataset, scored_split(card))
    prose(
        f"**{len(wrong):,} of {len(split):,} {images_of(split)} are wrong.** The most confident mistakes first:",
        key="mistakes.count",
    )
    tiles = []
    for position in wrong[:24]:
        predicted = card.class_names[int(probabilities[position].argmax())]
        true_class = card.class_names[int(split.labels[position])]
        caption = answer_caption(predicted, float(probabilities[position].max()), true_class)
        tiles.append(
            GalleryImage(split.image(int(position)), caption, f"{true_class}, mistaken for {predicted}", "wrong")
        )
    gallery(tiles, key="mistakes.images")
