"""Two real sample photographs. They ship with scikit-learn, so they need no network."""

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
}
"""Name -> (title, file, credit)."""


def load_photo(name: str) -> np.ndarray:
    """Load one of ``PHOTOS``: uint8 (427, 640, 3).

    Source: scikit-learn documentation, ``sklearn.datasets.load_sample_image``.
    """
    package = find_spec("sklearn")  # located without importing: the import takes a second
    assert package is not None and package.origin is not None
    file = Path(package.origin).parent / "datasets" / "images" / PHOTOS[name][1]
    return decode(file.read_bytes(), file.name)
