"""A classifier head fitted to a few photos: its predictions, how far to trust them, and what would improve it.

The photos come as features of a pretrained base, so fitting a head is logistic regression on a handful of rows and
takes milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnn.errors import ConfigError
from cnn.model.predict import class_probabilities

INVERSE_REGULARIZATION = 0.1  # chosen on validation images of cats and dogs with 3, 5 and 10 photos per class
MIN_PHOTOS_TO_HOLD_OUT = 6
HOLD_OUT_EVERY = 5
MAX_LEAVE_ONE_OUT = 80
FEW_PHOTOS = 5


@dataclass(frozen=True)
class FewShotHead:
    """A fitted head, and its predictions for the photos it was fitted to.

    Attributes:
        weights: float32 (features, classes).
        bias: float32 (classes,).
        held_out: bool (N,), true for the photos kept out of fitting to test the head.
        probabilities: float32 (N, classes), predicted for each photo by a head fitted without it; by the head itself
            for the only photo of its class, and wherever it was fitted to more than 80 photos.
    """

    weights: np.ndarray
    bias: np.ndarray
    held_out: np.ndarray
    probabilities: np.ndarray

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Features float32 (N, features) -> class probabilities float32 (N, classes)."""
        return class_probabilities(features @ self.weights + self.bias)

    def class_activation_map(self, volume: np.ndarray, class_index: int) -> np.ndarray:
        """The evidence for a class at each position of an image: Grad-CAM, here a weighted sum of the base's maps.

        Args:
            volume: float32 (h, w, features), the base's maps.

        Returns:
            float32 (h, w), at least 0.

        Source: Zhou et al. (2016), arXiv:1512.04150; Selvaraju et al. (2017), arXiv:1610.02391, section 3.
        """
        return np.maximum(volume @ self.weights[:, class_index], 0).astype(np.float32)


def fit_head(features: np.ndarray, labels: np.ndarray, class_names: Sequence[str]) -> FewShotHead:
    """Fit a head. If every class has six or more photos, every fifth of each class is held out.

    Args:
        features: float32 (N, features).
        labels: int (N,), 0 .. classes - 1.
        class_names: 2 or more.

    Raises:
        ConfigError: only one class, or a class without photos.

    Source: logistic regression, ``sklearn.linear_model.LogisticRegression``.
    """
    counts = np.bincount(labels, minlength=len(class_names))
    if len(class_names) < 2 or (counts > 0).sum() < 2:
        only = next((name for name, count in zip(class_names, counts, strict=True) if count), None)
        have = f"There are photos of one class only, “{only}”" if only else "There are no photos yet"
        raise ConfigError(f"{have}; to tell things apart it takes two. Give a second class some photos.")
    empty = [name for name, count in zip(class_names, counts, strict=True) if not count]
    if empty:
        raise ConfigError(f"The class “{empty[0]}” has no photos yet. Give it some, or take the class away.")
    held_out = _choose_held_out(labels, counts)
    fitted = ~held_out
    weights, bias = _fit_logistic_regression(features[fitted], labels[fitted], len(class_names))
    probabilities = class_probabilities(features @ weights + bias)
    if fitted.sum() <= MAX_LEAVE_ONE_OUT:
        for i in np.flatnonzero(fitted):
            others = fitted.copy()
            others[i] = False
            if len(np.unique(labels[others])) == len(class_names):
                weights_without, bias_without = _fit_logistic_regression(
                    features[others], labels[others], len(class_names)
                )
                probabilities[i] = class_probabilities(features[i] @ weights_without + bias_without)
    return FewShotHead(weights, bias, held_out, probabilities)


def suggest_improvements(labels: np.ndarray, class_names: Sequence[str], pictures: Sequence[bytes]) -> list[str]:
    """Sentences on what would improve the head most; empty if nothing is amiss with the photos.

    Args:
        labels: int (N,), the class of each photo.
        pictures: the pixels of each photo, to find duplicates.
    """
    counts = np.bincount(labels, minlength=len(class_names))
    classes_of: dict[bytes, list[int]] = {}
    for picture, label in zip(pictures, labels.tolist(), strict=True):
        classes_of.setdefault(picture, []).append(label)
    in_two_classes = dict.fromkeys(
        f"The same photo is in “{class_names[first]}” and in “{class_names[second]}”; it can be only one of them. Take "
        "one away."
        for first, *others in sorted(sorted(set(classes)) for classes in classes_of.values())
        for second in others
    )
    sentences = list(in_two_classes)
    if any(len(classes) > len(set(classes)) for classes in classes_of.values()):
        sentences.append("A photo that is there twice teaches nothing new. Take another one instead.")
    few = [name for name, count in zip(class_names, counts, strict=True) if 0 < count < FEW_PHOTOS]
    if few:
        sentences.append(f"“{few[0]}” has fewer than {FEW_PHOTOS} photos. More of them, from other sides, help most.")
    if counts.min() > 0 and counts.max() > 2 * counts.min():
        most, least = class_names[int(counts.argmax())], class_names[int(counts.argmin())]
        sentences.append(
            f"“{most}” has over twice as many photos as “{least}”: it will be named too often. Even it out."
        )
    return sentences


def is_unlike_all(features: np.ndarray, known: np.ndarray, labels: np.ndarray) -> bool:
    """Whether a picture is less like every photo than each photo is like the next one of its class.

    Likeness is the cosine of the angle between features. Of pictures like the N photos about one in N + 1 is taken for
    unlike.

    Args:
        features: float32 (features,), of the picture.
        known: float32 (N, features), of the photos.
        labels: int (N,), their classes; those of a class with a single photo only serve to compare with.
    """
    rows = known / np.maximum(np.linalg.norm(known, axis=1, keepdims=True), 1e-9)
    likeness = rows @ rows.T
    likeness[(labels[:, None] != labels) | np.eye(len(labels), dtype=bool)] = -np.inf
    nearest = likeness.max(axis=1)
    to_picture = rows @ features / max(float(np.linalg.norm(features)), 1e-9)
    return bool(np.isfinite(nearest).any() and to_picture.max() < nearest[np.isfinite(nearest)].min())


def _choose_held_out(labels: np.ndarray, counts: np.ndarray) -> np.ndarray:
    held_out = np.zeros(len(labels), bool)
    if counts.min() >= MIN_PHOTOS_TO_HOLD_OUT:
        for label in range(len(counts)):
            held_out[np.flatnonzero(labels == label)[HOLD_OUT_EVERY - 1 :: HOLD_OUT_EVERY]] = True
    return held_out


def _fit_logistic_regression(features: np.ndarray, labels: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression(C=INVERSE_REGULARIZATION, max_iter=500).fit(features, labels)
    weights, bias = regression.coef_.T, regression.intercept_
    if classes == 2:  # one logit, for the second class; half of it with either sign gives the same probabilities
        weights, bias = np.concatenate([-weights, weights], axis=1) / 2, np.concatenate([-bias, bias]) / 2
    return weights.astype(np.float32), bias.astype(np.float32)
