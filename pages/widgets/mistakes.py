"""The test images that a model misclassifies, the most confident mistakes first."""

from cnn.data import catalog
from cnn.model import store
from pages.shell.page_layout import prose
from pages.shell.text import percent
from pages.widgets import model_cache
from pages.widgets.gallery import GalleryImage, gallery


def show_mistakes(card: store.Card) -> None:
    """Show the misclassified test images, the most confident mistakes first."""
    wrong, probabilities = model_cache.mistakes(card)
    test = catalog.load(card.dataset, "test")
    prose(
        f"**{len(wrong):,} of {len(test):,} test images are wrong.** The surest mistakes first:", key="mistakes.count"
    )
    tiles = []
    for position in wrong[:24]:
        predicted = card.class_names[int(probabilities[position].argmax())]
        true_class = card.class_names[int(test.labels[position])]
        caption = f"{predicted} {percent(float(probabilities[position].max()))}, is {true_class}"
        tiles.append(GalleryImage(test.image(int(position)), caption, f"{true_class}, taken for {predicted}", "wrong"))
    gallery(tiles, key="mistakes.images")
