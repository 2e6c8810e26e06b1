"""A 2-D embedding of images by their features: images with similar features lie close together.

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
from cnn.data.split import Split
from cnn.errors import ModelError
from cnn.model import store
from cnn.model.predict import to_model_input
from cnn.progress import Report, ShouldStop, progress, progress_meter, raise_if_stopped

if TYPE_CHECKING:
    import keras

MAX_IMAGES = 2_000
COMPONENTS = 50  # before t-SNE, against noise and for speed, about as its authors did
PERPLEXITY = 30


def feature_layer(model: "keras.Model") -> str:
    """The name of the layer whose output is classified: the input of the last dense layer.

    Raises:
        ModelError: there is no dense layer.
    """
    last = next((layer for layer in reversed(model.layers) if type(layer).__name__ == "Dense"), None)
    if last is None:
        raise ModelError("This network has no dense layer at its end, so there are no features to draw a map from.")
    return input_layers(last)[0]


def study(card: store.Card, settings: studies.Settings, report: Report, should_stop: ShouldStop) -> studies.StudyResult:
    """Compute the embedding, as a study.

    Args:
        settings: {"split": "validation"}, or empty for the test images.

    Returns:
        "positions", int64 (N,): positions in the split, of all images or ``MAX_IMAGES`` evenly spaced ones; "pca"
        and "tsne", float32 (N, 2): their points; "variance", float 0..1: the fraction of the variance that "pca" shows.

    Raises:
        ModelError: see ``feature_layer``; or the features are identical for all images, a single number, or not finite.
        Stopped: ``should_stop`` returned True.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    split = catalog.load(card.dataset, settings.get("split", "test"))
    count = len(split)
    positions = np.linspace(0, count - 1, min(count, MAX_IMAGES)).round().astype(np.int64)
    model = store.load_file(card)
    layer = feature_layer(model)
    features = _compute_features(card, model, layer, split, positions, report, should_stop)
    _check_features(features, layer)
    components = min(COMPONENTS, *features.shape)
    raise_if_stopped(should_stop)
    # scikit-learn cannot be stopped from here on; the job engine then ends the process.
    report(progress("Arranging them by likeness", len(positions), len(positions), "images"))
    pca = PCA(components, random_state=0)
    reduced = pca.fit_transform(features)
    perplexity = min(PERPLEXITY, (len(positions) - 1) / 3)
    tsne = TSNE(2, init="pca", perplexity=perplexity, random_state=0).fit_transform(reduced)
    return {
        "positions": positions,
        "pca": reduced[:, :2].astype(np.float32),
        "tsne": tsne.astype(np.float32),
        "variance": np.array(pca.explained_variance_ratio_[:2].sum()),
    }


def _compute_features(
    card: store.Card,
    model: "keras.Model",
    layer: str,
    split: Split,
    positions: np.ndarray,
    report: Report,
    should_stop: ShouldStop,
) -> np.ndarray:
    """The flattened outputs of ``layer`` for images of ``split``: float32 (N, units)."""
    outputs_of = layer_outputs(model, [layer])
    batches, size = [], batch_size(card.input_shape)
    report_step = progress_meter(report, "Showing it the images", len(positions), "images")
    for start in range(0, len(positions), size):
        raise_if_stopped(should_stop)
        report_step(start)
        images = split.fitted(positions[start : start + size], card.input_shape)
        batches.append(outputs_of(to_model_input(card, images))[layer])
    return np.concatenate(batches).reshape(len(positions), -1)


def _check_features(features: np.ndarray, layer: str) -> None:
    """Raise ModelError if ``features``, float (N, units), cannot be embedded."""
    count = len(features)
    not_finite = int((~np.isfinite(features)).any(axis=1).sum())
    if not_finite:
        raise ModelError(
            f"For {not_finite:,} of {count:,} images {layer} gives numbers that are infinite or not a number · "
            "NaN, so there is no map to draw. Its training went astray: train it again, with a smaller learning rate."
        )
    if not np.ptp(features, axis=0).any():
        # With such features t-SNE crashes the whole process.
        raise ModelError(
            f"All {count:,} images look the same to this network: {layer} gives the same numbers for each, so "
            "there is no map to draw. Train it again, with a smaller learning rate."
        )
    if features.shape[1] == 1:
        raise ModelError(
            f"{layer} gives one number for an image, and a map needs two. Use at least 2 units before the last layer."
        )


def points_within(points: np.ndarray, x: tuple[float, float], y: tuple[float, float]) -> np.ndarray:
    """Indices, int64, of the ``points``, float (N, 2), in a rectangle whose ends come in any order."""
    (left, right), (low, high) = sorted(x), sorted(y)
    inside = (points[:, 0] >= left) & (points[:, 0] <= right) & (points[:, 1] >= low) & (points[:, 1] <= high)
    return np.flatnonzero(inside)


def nearest_points(points: np.ndarray, index: int, count: int) -> np.ndarray:
    """Indices, int64, of the ``count`` points, of float (N, 2), nearest to the one at ``index``, itself first."""
    return np.argsort(((points - points[index]) ** 2).sum(axis=1), kind="stable")[:count]


def same_class_neighbours(points: np.ndarray, labels: np.ndarray, count: int) -> tuple[float, float]:
    """How many of the ``count`` nearest neighbours of an image have its class, on average.

    Args:
        points: float (N, 2).
        labels: int (N,), the classes.
        count: at least 1, less than N.

    Returns:
        (that number, the number expected if the images were shuffled), both 0..count.
    """
    from scipy.spatial import KDTree

    indices = np.arange(len(points))
    nearest = KDTree(points).query(points, count + 1)[1]  # (N, count + 1), usually including the image itself
    itself = nearest == indices[:, None]
    # Where more than ``count`` images share one point, the image itself may be missing.
    itself[~itself.any(axis=1), -1] = True
    others = nearest[~itself].reshape(len(points), count)
    same = (labels[others] == labels[:, None]).sum(axis=1).mean()
    sizes = np.bincount(labels)[labels]
    return float(same), float(count * (sizes - 1).mean() / (len(points) - 1))
