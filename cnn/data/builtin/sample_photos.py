"""Three real sample photographs, here without a network: a cat of the app's own, and two that scikit-learn brings."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from cnn.data.image_decoding import decode

PHOTOS = {
    "temple": (
        "A temple",
        "china.jpg",
        "Photo: danielbuechele, flickr.com/photos/danielbuechele/6061409035, CC BY 2.0.",
    ),
    "flower": ("A flower", "flower.jpg", "Photo: vultilion, flickr.com/photos/vultilion/6056698931, CC BY 2.0."),
    "cat": ("A cat", "cat.jpg", "Photo: Stéfan van der Walt, CC0."),
}
"""Name -> (title, file, credit)."""
_OWN = Path(__file__).parent / "photos"


def load_photo(name: str) -> np.ndarray:
    """Load one of ``PHOTOS``: uint8 (427, 640, 3), the cat (300, 451, 3).

    Source: scikit-learn documentation, ``sklearn.datasets.load_sample_image``; scikit-image, ``skimage.data.chelsea``.
    """
    own = _OWN / PHOTOS[name][1]
    if own.is_file():
        return decode(own.read_bytes(), own.name)
    package = find_spec("sklearn")  # located without importing: the import takes a second
    assert package is not None and package.origin is not None
    file = Path(package.origin).parent / "datasets" / "images" / PHOTOS[name][1]
    return decode(file.read_bytes(), file.name)
