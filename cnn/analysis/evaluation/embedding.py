"""A map of the test images as a network sees them: images that are alike to it lie close together.

Source: Pearson (1901), "On lines and planes of closest fit"; van der Maaten & Hinton (2008), "Visualizing data using
t-SNE", Journal of Machine Learning Research 9.
"""

from typing import TYPE_CHECKING

import numpy as np

from cnn.analysis import studies
from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.activations.number_origin import input_layers
from cnn.analysis.batches import batch_size
from cnn.data import catalog
from cnn.errors import ModelError
from cnn.model import store
from cnn.model.predict import as_layers_get_it
from cnn.progress import Report, ShouldStop, progress, progress_meter, raise_if_stopped

if TYPE_CHECKING:
    import keras

MOST_IMAGES = 2_000
COMPONENTS = 50  # t-SNE's authors reduce to about as many first, against noise and for speed
PERPLEXITY = 30


def feature_layer(model: "keras.Model") -> str:
    """The layer whose numbers the network names classes from: what comes before the last dense layer.

    Raises:
        ModelError: there is no dense layer at the end.
    """
    last = next((layer for layer in reversed(model.layers) if type(layer).__name__ == "Dense"), None)
    if last is None:
        raise ModelError("This network has no dense layer at its end, so there are no features to draw a map from.")
    return input_layers(last)[0]


def study(card: store.Card, settings: studies.Settings, report: Report, should_stop: ShouldStop) -> studies.StudyResult:
    """Work out the map, as a study.

    Returns:
        "positions", int64 (N,): which test images, all or ``MOST_IMAGES`` of them evenly; "pca" and "tsne", float32
        (N, 2), where each lies; "variance", float: the share of all variance, 0..1, that "pca" shows.

    Raises:
        ModelError: see ``feature_layer``; its features are the same for all images, only one number, or not finite.
        Stopped: ``should_stop`` said so.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    test = catalog.load(card.dataset, "test")
    positions = np.linspace(0, len(test) - 1, min(len(test), MOST_IMAGES)).round().astype(np.int64)
    model = store.load_file(card)
    layer = feature_layer(model)
    ask = layer_outputs(model, [layer])
    parts, size = [], batch_size(card.input_shape)
    step = progress_meter(report, "Showing it the test images", len(positions), "images")
    for start in range(0, len(positions), size):
        raise_if_stopped(should_stop)
        step(start)
        images = test.fitted(positions[start : start + size], card.input_shape)
        parts.append(ask(as_layers_get_it(card, images))[layer])
    features = np.concatenate(parts).reshape(len(positions), -1)  # (N, units)
    broken = int((~np.isfinite(features)).any(axis=1).sum())
    if broken:
        raise ModelError(
            f"For {broken:,} of {len(positions):,} images {layer} gives numbers that are infinite or not a number · "
            "NaN, so there is no map to draw. Its training went astray: train it again, with a smaller learning rate."
        )
    if not np.ptp(features, axis=0).any():
        # t-SNE does not refuse such numbers: it takes the whole process down.
        raise ModelError(
            f"All {len(positions):,} images look the same to this network: {layer} gives the same numbers for each, so "
            "there is no map to draw. Train it again, with a smaller learning rate."
        )
    if features.shape[1] == 1:
        raise ModelError(
            f"{layer} gives one number for an image, and a map needs two. Use at least 2 units before the last layer."
        )
    components = min(COMPONENTS, *features.shape)
    raise_if_stopped(should_stop)
    # scikit-learn cannot be asked to stop in here; the engine ends the process where somebody wants it to.
    report(progress("Arranging them by likeness", len(positions), len(positions), "images"))
    principal = PCA(components, random_state=0)
    reduced = principal.fit_transform(features)
    perplexity = min(PERPLEXITY, (len(positions) - 1) / 3)
    near = TSNE(2, init="pca", perplexity=perplexity, random_state=0).fit_transform(reduced)
    return {
        "positions": positions,
        "pca": reduced[:, :2].astype(np.float32),
        "tsne": near.astype(np.float32),
        "variance": np.array(principal.explained_variance_ratio_[:2].sum()),
    }


def points_within(places: np.ndarray, x: tuple[float, float], y: tuple[float, float]) -> np.ndarray:
    """Which of ``places``, float (N, 2), lie in a rectangle; its ends in any order: int64 numbers."""
    (left, right), (low, high) = sorted(x), sorted(y)
    inside = (places[:, 0] >= left) & (places[:, 0] <= right) & (places[:, 1] >= low) & (places[:, 1] <= high)
    return np.flatnonzero(inside)


def nearest_points(places: np.ndarray, number: int, count: int) -> np.ndarray:
    """The ``count`` of ``places``, float (N, 2), closest to one of them, itself first: int64 numbers."""
    return np.argsort(((places - places[number]) ** 2).sum(axis=1), kind="stable")[:count]


def same_class_neighbours(places: np.ndarray, labels: np.ndarray, count: int) -> tuple[float, float]:
    """How many of the ``count`` nearest neighbours of an image on a map are of its own class, on average.

    Args:
        places: float (N, 2).
        labels: int (N,), the classes.
        count: at least 1, less than N.

    Returns:
        (that number, what it would be if the images lay there in a random order), both 0..count.
    """
    from scipy.spatial import KDTree

    numbers = np.arange(len(places))
    near = KDTree(places).query(places, count + 1)[1]  # (N, count + 1), mostly with the image itself
    itself = near == numbers[:, None]
    # Of more than ``count`` images at one and the same place, it may itself be missing.
    itself[~itself.any(axis=1), -1] = True
    others = near[~itself].reshape(len(places), count)
    same = (labels[others] == labels[:, None]).sum(axis=1).mean()
    sizes = np.bincount(labels)[labels]
    return float(same), float(count * (sizes - 1).mean() / (len(places) - 1))
