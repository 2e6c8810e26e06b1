"""Robustness: accuracy on images with noise, blur, changed brightness, rotation or shift.

Source: Hendrycks & Dietterich (2019), "Benchmarking neural network robustness", arXiv:1903.12261.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import ndimage, stats

from cnn.analysis import studies
from cnn.analysis.batches import in_batches
from cnn.analysis.evaluation.shifts import shift_images
from cnn.data import catalog
from cnn.model import store
from cnn.model.predict import predictor
from cnn.progress import Report, ShouldStop, progress_meter, raise_if_stopped

MAX_IMAGES = 1_000
BATCH = 250
_SIDE = 32  # strengths in pixels refer to images of this side; on larger ones they are scaled up


class Disturbance(NamedTuple):
    """One way to disturb an image.

    Attributes:
        title: its name for users.
        axis: title of a strength axis, with its unit.
        strengths: ascending; 0 leaves the image unchanged.
    """

    title: str
    axis: str
    strengths: tuple[float, ...]


DISTURBANCES = {
    "noise": Disturbance("noise", "standard deviation of the noise, of 255", (0, 10, 20, 40, 60, 80)),
    "blur": Disturbance("blur", "width of the blur, in 32nds of the side", (0, 0.5, 1, 1.5, 2, 3)),
    "brightness": Disturbance("darker and brighter", "added to each pixel, of 255", (-150, -100, -50, 0, 50, 100, 150)),
    "rotation": Disturbance("turned", "degrees to the left", (-90, -60, -30, -15, 0, 15, 30, 60, 90)),
    "shift": Disturbance("moved", "to the right, in 32nds of the side", (-10, -6, -3, 0, 3, 6, 10)),
}


def disturb(images: np.ndarray, name: str, strength: float, seed: int = 0) -> np.ndarray:
    """Disturb images; pixels from beyond an edge repeat the edge.

    Args:
        images: uint8 (N, H, W, C), 0-255.
        name: one of ``DISTURBANCES``.
        strength: in the unit of that disturbance; 0 returns the images unchanged.
        seed: of the noise. An image at the same index gets the same noise at every strength, only scaled.

    Returns:
        uint8 (N, H, W, C).

    Raises:
        ValueError: the name is unknown.
    """
    if name not in DISTURBANCES:
        raise ValueError(f"There is no disturbance called {name}; choose one of {', '.join(DISTURBANCES)}.")
    if strength == 0:
        return images
    pixels = max(images.shape[1:3]) / _SIDE
    match name:
        case "noise":
            noise = np.random.default_rng(seed).standard_normal(images.shape, np.float32)
            return _as_pixels(images + strength * noise)
        case "blur":
            sigma = (0, strength * pixels, strength * pixels, 0)
            return _as_pixels(ndimage.gaussian_filter(images.astype(np.float32), sigma, mode="nearest"))
        case "brightness":
            return _as_pixels(images.astype(np.float32) + strength)
        case "rotation":
            rotated = ndimage.rotate(
                images.astype(np.float32), strength, axes=(2, 1), reshape=False, order=1, mode="nearest"
            )
            return _as_pixels(rotated)
        case "shift":
            return shift_images(images, round(strength * pixels))
    raise AssertionError(name)


def sampled_indices(count: int) -> np.ndarray:
    """Indices, int64, of the images to disturb, of ``count``: all, or ``MAX_IMAGES`` evenly spaced ones."""
    return np.linspace(0, count - 1, min(count, MAX_IMAGES)).round().astype(np.int64)


def study(card: store.Card, settings: studies.Settings, report: Report, should_stop: ShouldStop) -> studies.StudyResult:
    """Count the correct predictions on images under every disturbance, as a study.

    Args:
        settings: {"split": "validation"}, or empty for the test images.

    Returns:
        For every disturbance, under its name: int64 (strengths,), the correct predictions at each strength; and under
        "<name> right": bool (strengths, images), which they are. Besides "count", the number of images.
    """
    split = catalog.load(card.dataset, settings.get("split", "test"))
    indices = sampled_indices(len(split))
    # Once, not per strength: photos are decoded anew for networks that take more pixels than their small copies have.
    images, labels = split.fitted(indices, card.input_shape), split.labels[indices]
    predict = predictor(store.load_file(card), card.pixel_seed)
    right = {
        name: np.zeros((len(disturbance.strengths), len(indices)), bool) for name, disturbance in DISTURBANCES.items()
    }
    total = sum(len(disturbance.strengths) for disturbance in DISTURBANCES.values()) * len(indices)
    done = 0
    report_step = progress_meter(report, "Disturbing the images", total, "images")
    for name, disturbance in DISTURBANCES.items():
        for i, strength in enumerate(disturbance.strengths):
            for start in range(0, len(indices), BATCH):
                raise_if_stopped(should_stop)
                batch = slice(start, start + BATCH)
                predicted = in_batches(predict, disturb(images[batch], name, strength, seed=start)).argmax(axis=1)
                right[name][i, batch] = predicted == labels[batch]
                done += len(predicted)
                report_step(done, f"Disturbing: {disturbance.title}")
    correct = {name: answers.sum(axis=1, dtype=np.int64) for name, answers in right.items()}
    return correct | {f"{name} right": answers for name, answers in right.items()} | {"count": np.array(len(indices))}


@dataclass(frozen=True)
class AccuracyLoss:
    """Correct predictions on undisturbed images and at the strength that costs most.

    Attributes:
        undisturbed: bool (images,), which are correct at strength 0.
        worst: bool (images,), which are correct at ``strength``.
        strength: where the fewest are correct.
    """

    undisturbed: np.ndarray
    worst: np.ndarray
    strength: float

    @property
    def by_image(self) -> np.ndarray:
        """int64 (images,): 1 where a correct prediction is lost, -1 where one is gained, else 0."""
        return self.undisturbed.astype(np.int64) - self.worst

    @property
    def fraction(self) -> float:
        """The loss of accuracy, -1..1."""
        return float(self.by_image.mean())


def largest_loss(name: str, right: np.ndarray) -> AccuracyLoss:
    """The largest loss of accuracy under a disturbance.

    Args:
        name: one of ``DISTURBANCES``.
        right: bool (strengths, images), which predictions are correct at each of its strengths.
    """
    strengths = DISTURBANCES[name].strengths
    worst = int(right.sum(axis=1).argmin())
    return AccuracyLoss(right[strengths.index(0)], right[worst], strengths[worst])


def losses_differ(first: AccuracyLoss, second: AccuracyLoss) -> bool:
    """Whether two networks' losses on the same images differ at the 5 % level of a two-sided paired t-test."""
    if (first.by_image == second.by_image).all():
        return False
    return bool(stats.ttest_rel(first.by_image, second.by_image).pvalue < 0.05)


def _as_pixels(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
