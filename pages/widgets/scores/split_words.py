"""What the images of a split are called in sentences."""

from cnn.data.split import Split

_WORDS = {"train": "training"}  # where it is not the name of the split itself


def images_of(split: Split) -> str:
    """What the images of a split are called, as in "validation images"."""
    return f"{_WORDS.get(split.name, split.name)} images"


def image_name(split: Split, index: int) -> str:
    """What one of them is called, counted from 1, as in "Test image 5"."""
    return f"{_WORDS.get(split.name, split.name).capitalize()} image {index + 1}"
