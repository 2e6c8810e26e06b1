"""How many answers stay right when the test images get noisy, blurred, darker or brighter, turned, or moved.

Source: Hendrycks & Dietterich (2019), "Benchmarking neural network robustness", arXiv:1903.12261.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from cnn.analysis import studies
from cnn.analysis.batches import in_batches
from cnn.analysis.evaluation.shifts import shift_images
from cnn.data import catalog
from cnn.model import store
from cnn.model.predict import predictor
from cnn.progress import Report, ShouldStop, progress_meter, raise_if_stopped

MOST_IMAGES = 1_000
BATCH = 250
_SIDE = 32  # strengths in pixels are those of an image of this side; larger ones are blurred and moved by as much more


class Disturbance(NamedTuple):
    """One way to disturb an image.

    Attributes:
        title: what a person calls it.
        axis: what its strengths are, with their unit.
        strengths: in ascending order; 0 leaves the image as it is.
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
    """Disturb images; what comes in at an edge repeats the edge.

    Args:
        images: uint8 (N, H, W, C), 0-255.
        name: one of ``DISTURBANCES``.
        strength: see there; 0 gives the images as they are.
        seed: of the noise. The same image at the same place gets the same noise at every strength, only more of it.

    Returns:
        uint8 (N, H, W, C).

    Raises:
        ValueError: there is no disturbance of that name.
    """
    if name not in DISTURBANCES:
        raise ValueError(f"There is no disturbance called {name}; choose one of {', '.join(DISTURBANCES)}.")
    if strength == 0:
        return images
    pixels = max(images.shape[1:3]) / _SIDE
    match name:
        case "noise":
            noise = np.random.default_rng(seed).standard_normal(images.shape, np.float32)
            return _whole(images + strength * noise)
        case "blur":
            sigma = (0, strength * pixels, strength * pixels, 0)
            return _whole(ndimage.gaussian_filter(images.astype(np.float32), sigma, mode="nearest"))
        case "brightness":
            return _whole(images.astype(np.float32) + strength)
        case "rotation":
            turned = ndimage.rotate(
                images.astype(np.float32), strength, axes=(2, 1), reshape=False, order=1, mode="nearest"
            )
            return _whole(turned)
        case "shift":
            return shift_images(images, round(strength * pixels))
    raise AssertionError(name)


def sampled_indices(count: int) -> np.ndarray:
    """Which of ``count`` test images are disturbed, int64: all, or ``MOST_IMAGES`` of them evenly."""
    return np.linspace(0, count - 1, min(count, MOST_IMAGES)).round().astype(np.int64)


def study(card: store.Card, settings: studies.Settings, report: Report, should_stop: ShouldStop) -> studies.StudyResult:
    """Ask about test images disturbed in every way, as a study.

    Returns:
        {disturbance: int64 (strengths,), the right answers at each} and "count", of how many images.
    """
    test = catalog.load(card.dataset, "test")
    chosen = sampled_indices(len(test))
    # Once, not at every strength: photos are decoded for a network that takes more pixels than their small copies have.
    images, labels = test.fitted(chosen, card.input_shape), test.labels[chosen]
    predict = predictor(store.load_file(card), card.pixel_seed)
    right = {name: np.zeros(len(each.strengths), np.int64) for name, each in DISTURBANCES.items()}
    total = sum(len(each.strengths) for each in DISTURBANCES.values()) * len(chosen)
    done = 0
    step = progress_meter(report, "Disturbing the images", total, "images")
    for name, each in DISTURBANCES.items():
        for number, strength in enumerate(each.strengths):
            for start in range(0, len(chosen), BATCH):
                raise_if_stopped(should_stop)
                part = slice(start, start + BATCH)
                said = in_batches(predict, disturb(images[part], name, strength, seed=start)).argmax(axis=1)
                right[name][number] += int((said == labels[part]).sum())
                done += len(said)
                step(done, f"Disturbing: {each.title}")
    return right | {"count": np.array(len(chosen))}


def _whole(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
