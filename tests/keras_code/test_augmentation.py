"""The code shown for an augmentation draws from the distribution that the app draws from."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from cnn.data.augmentation.augmenter import augment_images
from cnn.data.augmentation.settings import FILLS, PRESETS, Augmentation
from cnn.keras_code.augmentation import vary_code
from cnn.keras_code.imports import with_imports

COUNT = 800
# The smallest of 40 measures' p-values: below this by chance once in 2,500 times.
LEAST_P = 1e-5
SINGLE = {
    "flip": True,
    "flip_vertical": True,
    "shift": 0.2,
    "rotation": 40,
    "shear": 30,
    "zoom": 0.3,
    "brightness": 0.3,
    "contrast": 0.3,
    "saturation": 0.3,
    "noise": 0.1,
    "cutout": 0.4,
}
# RandAugment is Keras' own layer in both, and draws once for a whole batch: its variants are no independent draws.
SETTINGS = {name: settings for name, settings in PRESETS.items() if settings.any() and not settings.rand_augment}
SETTINGS |= {name: Augmentation(**{name: value}) for name, value in SINGLE.items()}
SETTINGS |= {f"shift, {fill}": Augmentation(shift=0.2, fill=fill) for fill in FILLS}
SETTINGS |= {f"rotation, {fill}": Augmentation(rotation=40, fill=fill) for fill in FILLS}
SETTINGS |= {
    "both mirrors": Augmentation(flip=True, flip_vertical=True),
    "stretch": Augmentation(zoom=0.3, stretch=True),
    "colours": Augmentation(saturation=0.5, contrast=0.5, brightness=0.2, noise=0.02),
    "contrast and brightness": Augmentation(contrast=0.5, brightness=0.3),
    "everything": Augmentation(**SINGLE, fill="black", stretch=True),
}


def image_of(shape: tuple[int, int, int]) -> np.ndarray:
    """A picture with edges, colours and no symmetry."""
    random = np.random.default_rng(4)
    coarse = random.integers(30, 226, (-(-shape[0] // 3), -(-shape[1] // 3), shape[2]), np.uint8)
    return coarse.repeat(3, axis=0).repeat(3, axis=1)[: shape[0], : shape[1]]


def variants_of_the_code(settings: Augmentation, image: np.ndarray) -> np.ndarray:
    names: dict = {}
    exec(with_imports(f"keras.utils.set_random_seed(1)\n{vary_code(settings, image.shape)}"), names)
    varied = names["vary"](np.repeat(image[None], COUNT, axis=0)).numpy()
    assert varied.dtype == np.uint8 and varied.shape == (COUNT, *image.shape)
    return varied


def measures(images: np.ndarray) -> dict[str, np.ndarray]:
    """What is compared, (N,) each: pixels, sums of them, and how they spread and vary together."""
    flat = images.reshape(len(images), -1).astype(np.float64)
    chosen = np.random.default_rng(2).permutation(flat.shape[1])[:20]
    height, width = images.shape[1:3]
    values = {f"pixel {i}": flat[:, i] for i in chosen.tolist()}
    values |= {f"row {row}": images[:, row].mean(axis=(1, 2)) for row in (0, height // 2, height - 1)}
    values |= {f"column {column}": images[:, :, column].mean(axis=(1, 2)) for column in (0, width // 2, width - 1)}
    values |= {f"channel {c}": images[..., c].mean(axis=(1, 2)) for c in range(images.shape[3])}
    values |= {"mean": flat.mean(axis=1), "spread": flat.std(axis=1), "greys": (flat == 128).sum(axis=1)}
    values |= {"top and bottom": images[:, 0].mean(axis=(1, 2)) - images[:, -1].mean(axis=(1, 2))}
    values |= {"edges": np.abs(np.diff(images.astype(float), axis=2)).mean(axis=(1, 2, 3))}
    return values


def p_value(first: np.ndarray, second: np.ndarray) -> float:
    """Of the Kolmogorov-Smirnov test that both were drawn from one distribution."""
    return float(ks_2samp(first, second, method="asymp").pvalue)


@pytest.mark.parametrize("shape", [(12, 16, 3), (15, 15, 1)], ids=["colour", "grey"])
@pytest.mark.parametrize("name", SETTINGS)
def test_the_code_draws_from_the_distribution_of_the_app(name: str, shape: tuple[int, int, int]) -> None:
    settings, image = SETTINGS[name], image_of(shape)
    if not vary_code(settings, shape):
        assert (name, shape[2]) == ("saturation", 1)  # there is no colour in grey
        np.testing.assert_array_equal(augment_images(image[None], settings, 0)[0], image)
        return
    ours = measures(augment_images(np.repeat(image[None], COUNT, axis=0), settings, seed=0))
    theirs = measures(variants_of_the_code(settings, image))
    p_values = {measure: p_value(ours[measure], theirs[measure]) for measure in ours}
    worst = min(p_values, key=p_values.__getitem__)
    assert p_values[worst] > LEAST_P, (worst, p_values[worst])


def test_the_comparison_tells_apart_what_keras_layers_draw_by_themselves() -> None:
    import keras

    image = image_of((12, 16, 3))
    images = np.repeat(image[None], COUNT, axis=0).astype(np.float32)
    for settings, layer in (
        (Augmentation(contrast=0.3), keras.layers.RandomContrast(0.3, value_range=(0, 255), seed=1)),
        (Augmentation(saturation=0.3), keras.layers.RandomSaturation((0.35, 0.65), seed=1)),
        (Augmentation(shear=30), keras.layers.RandomShear(0.577, fill_mode="reflect", seed=1)),
        (Augmentation(shift=0.2), keras.layers.RandomTranslation(0.2, 0.2, "reflect", interpolation="nearest", seed=1)),
        (Augmentation(cutout=0.4), keras.layers.RandomErasing((1, 1), (0.16, 0.16), fill_value=128, seed=1)),
        (Augmentation(zoom=0.3, stretch=True), keras.layers.RandomZoom(0.3, seed=1)),
    ):
        ours = measures(augment_images(images.astype(np.uint8), settings, seed=0))
        theirs = measures(np.round(np.clip(np.asarray(layer(images)), 0, 255)).astype(np.uint8))
        assert min(p_value(ours[name], theirs[name]) for name in ours) < LEAST_P, settings
