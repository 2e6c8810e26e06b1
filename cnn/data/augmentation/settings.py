"""Settings of the augmentation: transformations that leave an image's class unchanged."""

from dataclasses import dataclass, replace

from cnn.errors import ConfigError

FILLS = {"mirror": "reflect", "nearest": "nearest", "wrap": "wrap", "black": "constant"}
"""Our name -> the name Keras uses."""

LIMITS = {
    "rotation": 180,
    "shift": 0.5,
    "shear": 60,
    "zoom": 0.9,
    "brightness": 1,
    "contrast": 1,
    "saturation": 1,
    "noise": 0.5,
    "rand_augment": 1,
    "cutout": 0.9,
}
"""The largest value of every numeric setting."""


@dataclass(frozen=True)
class Augmentation:
    """How strongly training images are augmented; zero switches a setting off.

    Attributes:
        flip: mirror half of the images horizontally.
        shift: largest shift as a fraction of the side, in whole pixels, 0..0.5.
        rotation: largest rotation in degrees in either direction, 0..180.
        zoom: 0..0.9; the visible part of the image has sides of 1 - zoom to 1 + zoom.
        cutout: side of a randomly placed grey square as a fraction of the image's side, 0..0.9; it may extend past the
            edge (DeVries & Taylor, 2017).
        flip_vertical: mirror half of the images vertically.
        shear: largest shear in degrees in either direction, 0..60.
        brightness: 0..1; up to this fraction of 255 is added or subtracted.
        contrast: 0..1; differences from the image's mean are scaled by up to this fraction.
        saturation: 0..1; the same for differences from grey.
        noise: 0..0.5; standard deviation of the noise, as a fraction of 255.
        rand_augment: 0..1; strength of two changes drawn from eleven by Keras' RandAugment (Cubuk et al., 2020), the
            same two for all images of a batch.
        fill: what fills the pixels outside the image: "mirror", "nearest", "wrap" or "black".
        stretch: zoom the height and the width by a random factor each, as Keras' ImageDataGenerator does; else by one.

    Raises:
        ConfigError: a setting is out of range.
    """

    flip: bool = False
    shift: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    cutout: float = 0.0
    flip_vertical: bool = False
    shear: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    noise: float = 0.0
    fill: str = "mirror"
    rand_augment: float = 0.0
    stretch: bool = False

    def __post_init__(self) -> None:
        for name in ("flip", "flip_vertical", "stretch"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigError(f"Augmentation: {name} is {getattr(self, name)}; choose yes (true) or no (false).")
        for name, limit in LIMITS.items():
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 <= value <= limit:
                raise ConfigError(f"Augmentation: {name} is {value}; choose a number from 0 to {limit}.")
        if self.fill not in FILLS:
            raise ConfigError(f"Augmentation: fill is “{self.fill}”; choose {', '.join(FILLS)}.")

    def any(self) -> bool:
        """Whether any setting is switched on."""
        return self != Augmentation(fill=self.fill, stretch=self.stretch)


PRESETS = {
    "none": Augmentation(),
    "light": Augmentation(flip=True, shift=0.125),
    "cutout": Augmentation(flip=True, shift=0.125, cutout=0.25),
    "strong": Augmentation(flip=True, shift=0.125, rotation=15, zoom=0.15, cutout=0.25),
    "turned": Augmentation(shift=0.1, rotation=10, zoom=0.1),
    "rand-augment": Augmentation(flip=True, rand_augment=0.3),
    # What the tutorial asks of ImageDataGenerator; its shear_range is in degrees, so 0.2 does almost nothing.
    "tutorial": Augmentation(flip=True, shift=0.2, rotation=40, zoom=0.2, shear=0.2, fill="nearest", stretch=True),
}


def count_variants(settings: Augmentation, height: int, width: int) -> int | None:
    """How many different pictures, at most, the settings make of one image of that many pixels.

    Returns:
        The number; None where amounts are drawn from a continuous range.
    """
    countable = Augmentation(
        settings.flip, settings.shift, cutout=settings.cutout, flip_vertical=settings.flip_vertical, fill=settings.fill
    )
    if settings != countable:
        return None
    count = 2 ** (settings.flip + settings.flip_vertical)
    for side in (height, width):
        count *= 2 * int(settings.shift * side) + 1
        # A cut-out stands at as many places along a side as it has pixels.
        count *= side if int(settings.cutout * side) else 1
    return count


def scale_strength(settings: Augmentation, strength: float) -> Augmentation:
    """Scale all numeric settings by ``strength``, clipped at their limits; 0 switches everything off."""
    if not strength:
        return Augmentation(fill=settings.fill)
    amounts = {name: min(limit, strength * getattr(settings, name)) for name, limit in LIMITS.items()}
    return replace(settings, **amounts)
