"""A head taught on a few photos: what it answers, which photos speak against it, and how far to trust it.

The photos come as a pretrained base's features, so a head is logistic regression on a handful of rows: milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnn.errors import ConfigError
from cnn.model.predict import class_probabilities

INVERSE_STRENGTH = 0.1  # of the penalty on weights; chosen on held-out cats and dogs with 3, 5 and 10 photos a class
ENOUGH_TO_HOLD_OUT = 6
EVERY = 5
MOST_LEFT_OUT = 80
FEW = 5


@dataclass(frozen=True)
class FewShotHead:
    """A head, and what it makes of the photos that it was taught with.

    Attributes:
        weights: float32 (features, classes).
        bias: float32 (classes,).
        unseen: bool (N,), the photos kept from it to test it with.
        said: float32 (N, classes), the answer to each photo by a head that has not learned from that photo.
    """

    weights: np.ndarray
    bias: np.ndarray
    unseen: np.ndarray
    said: np.ndarray

    def answer(self, features: np.ndarray) -> np.ndarray:
        """Features float32 (N, features) -> class probabilities float32 (N, classes)."""
        return class_probabilities(features @ self.weights + self.bias)

    def evidence(self, volume: np.ndarray, number: int) -> np.ndarray:
        """Where in one image the evidence for a class is: Grad-CAM, which for a head on pooled maps is a weighted sum.

        Args:
            volume: float32 (h, w, features), the base's maps.
            number: the class.

        Returns:
            float32 (h, w), nothing below 0.

        Source: Zhou et al. (2016), arXiv:1512.04150; Selvaraju et al. (2017), arXiv:1610.02391, section 3.
        """
        return np.maximum(volume @ self.weights[:, number], 0).astype(np.float32)


def fit_head(features: np.ndarray, labels: np.ndarray, class_names: Sequence[str]) -> FewShotHead:
    """Teach a head. Every fifth photo of a class is kept from it where each class has six or more.

    Args:
        features: float32 (N, features).
        labels: int (N,), 0 .. classes - 1.
        class_names: 2 or more.

    Raises:
        ConfigError: one class only, or a class without photos.

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
    unseen = _kept_out(labels, counts)
    learned = ~unseen
    weights, bias = _fit(features[learned], labels[learned], len(class_names))
    said = class_probabilities(features @ weights + bias)
    if learned.sum() <= MOST_LEFT_OUT:
        for place in np.flatnonzero(learned):
            rest = learned.copy()
            rest[place] = False
            if len(np.unique(labels[rest])) == len(class_names):
                without, shift = _fit(features[rest], labels[rest], len(class_names))
                said[place] = class_probabilities(features[place] @ without + shift)
    return FewShotHead(weights, bias, unseen, said)


def hints(labels: np.ndarray, class_names: Sequence[str], pictures: Sequence[bytes]) -> list[str]:
    """What would help most next, in sentences; none where nothing is amiss.

    Args:
        pictures: the photos' pixels, to find the same one twice.
    """
    counts = np.bincount(labels, minlength=len(class_names))
    classes_of: dict[bytes, list[int]] = {}
    for picture, label in zip(pictures, labels.tolist(), strict=True):
        classes_of.setdefault(picture, []).append(label)
    across = dict.fromkeys(
        f"The same photo is in “{class_names[first]}” and in “{class_names[second]}”; it can be only one of them. Take "
        "one away."
        for first, *others in sorted(sorted(set(classes)) for classes in classes_of.values())
        for second in others
    )
    found = list(across)
    if any(len(classes) > len(set(classes)) for classes in classes_of.values()):
        found.append("A photo that is there twice teaches nothing new. Take another one instead.")
    few = [name for name, count in zip(class_names, counts, strict=True) if 0 < count < FEW]
    if few:
        found.append(f"“{few[0]}” has fewer than {FEW} photos. More of them, from other sides, help most.")
    if counts.min() > 0 and counts.max() > 2 * counts.min():
        most, least = class_names[int(counts.argmax())], class_names[int(counts.argmin())]
        found.append(f"“{most}” has over twice as many photos as “{least}”: it will be named too often. Even it out.")
    return found


def _kept_out(labels: np.ndarray, counts: np.ndarray) -> np.ndarray:
    unseen = np.zeros(len(labels), bool)
    if counts.min() >= ENOUGH_TO_HOLD_OUT:
        for label in range(len(counts)):
            unseen[np.flatnonzero(labels == label)[EVERY - 1 :: EVERY]] = True
    return unseen


def _fit(features: np.ndarray, labels: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=INVERSE_STRENGTH, max_iter=500).fit(features, labels)
    weights, bias = fitted.coef_.T, fitted.intercept_
    if classes == 2:  # one logit, that of the second class; shared between the two it says the same
        weights, bias = np.concatenate([-weights, weights], axis=1) / 2, np.concatenate([-bias, bias]) / 2
    return weights.astype(np.float32), bias.astype(np.float32)
