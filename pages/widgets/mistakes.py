"""The test images that a model gets wrong, the most confident mistakes first."""

from cnn.data import catalog
from cnn.model import store
from pages.shell.page_layout import prose
from pages.shell.text import percent
from pages.widgets import model_cache
from pages.widgets.gallery import GalleryImage, gallery


def show_mistakes(card: store.Card) -> None:
    """The test images it gets wrong, the most confident mistakes first."""
    wrong, answers = model_cache.mistakes(card)
    test = catalog.load(card.dataset, "test")
    prose(f"**{len(wrong):,} of {len(test):,} test images are wrong.** The surest mistakes first:")
    tiles = []
    for position in wrong[:24]:
        said, truth = int(answers[position].argmax()), int(test.labels[position])
        names = card.class_names[said], card.class_names[truth]
        caption = f"{names[0]} {percent(float(answers[position].max()))}, is {names[1]}"
        tiles.append(GalleryImage(test.image(int(position)), caption, f"{names[1]}, taken for {names[0]}", "wrong"))
    gallery(tiles)
