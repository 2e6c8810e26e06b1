"""Draws the objects of ``shapes``: eight kinds, on soft backgrounds. Needs no TFDS, so that pages can draw them too.

Colours are mixed in OKLab, where equal steps look equally large, so that a minimum difference in lightness between
object and background is a minimum visible contrast. Only the outline depends on the class; colour, position and texture
do not.

Source: Ottosson (2020), "A perceptual color space for image processing", https://bottosson.github.io/posts/oklab/.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw

SIZE = 32
Half = Literal["left", "right"]
Box = tuple[float, float, float, float]

_OVERSAMPLING = 8  # sub-pixels per side: smooth edges, and boxes exact to an eighth of a pixel
_MARGIN = 1  # pixels between an object and the edge of its image or half
_LENGTHS = (14, 24)  # range of the longer side of an object's box, in pixels
_LENGTHS_IN_HALF = (11.5, 14)
_DARK, _BRIGHT = (0.36, 0.50), (0.78, 0.94)  # OKLab lightness of the darker and the brighter of the two colours
_DARK_HUES = (140, 400)  # degrees; excludes dark yellow, which looks like mud
_TEXTURE = 0.05  # largest change in lightness and colour, in OKLab
_SHADING = 0.04
_NOISE = 6  # largest standard deviation, on the scale of 0-255

_TO_LMS = np.array(
    [[1, 0.39633778, 0.21580376], [1, -0.10556135, -0.06385417], [1, -0.08948418, -1.29148555]], np.float32
)
_TO_RGB = np.array(
    [
        [4.07674166, -3.30771159, 0.23096993],
        [-1.26843800, 2.60975740, -0.34131940],
        [-0.00419609, -0.70341861, 1.70761470],
    ],
    np.float32,
)
_Y, _X = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]


def _directions(count: int) -> np.ndarray:
    """``count`` unit vectors, the first pointing up, as x + iy with y down: multiplying an outline rotates it."""
    return np.exp(2j * np.pi * np.arange(count) / count) / 1j


def _heart(form: float) -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, 60)
    height = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return 16 * np.sin(t) ** 3 - 1j * (1 + 0.15 * form) * height


def _moon(form: float) -> np.ndarray:
    centre, radius = -0.5, 0.72 + 0.12 * form
    tip = (1 - radius**2 + centre**2) / (2 * centre)
    horn = np.arccos(tip)
    inner = np.arctan2(np.sin(horn), tip - centre)
    bite = centre + radius * np.exp(1j * np.linspace(inner, -inner, 40))
    return np.concatenate([np.exp(1j * np.linspace(-horn, horn, 40)), bite])


def _cross(form: float) -> np.ndarray:
    width = 0.28 + 0.10 * form
    arm = np.array([-width - 1j, width - 1j, width - width * 1j])
    return np.concatenate([arm * rotation for rotation in (1, 1j, -1, -1j)])


def _arrow(form: float) -> np.ndarray:
    width, neck = 0.20 + 0.08 * form, 0.05
    upper = np.array([-1 - width * 1j, neck - width * 1j, neck - 0.8j, 1])
    return np.concatenate([upper, upper[-2::-1].conj()])


# name: outline for a form between 0 and 1, and the largest rotation that leaves the name valid, in degrees
_KINDS: dict[str, tuple[Callable[[float], np.ndarray], float]] = {
    "circle": (lambda form: _directions(60), 180),
    "square": (lambda form: _directions(4) * np.exp(0.25j * np.pi), 20),
    "triangle": (lambda form: _directions(3), 180),
    "star": (lambda form: _directions(10) * np.tile([1, 0.42 + 0.08 * form], 5), 180),
    "heart": (_heart, 30),
    "moon": (_moon, 180),
    "cross": (_cross, 180),
    "arrow": (_arrow, 180),
}
NAMES = tuple(_KINDS)


def draw(
    label: int, generator: np.random.Generator, half: Half | None = None, center: tuple[float, float] | None = None
) -> tuple[np.ndarray, Box]:
    """Draw one image. The same generator state gives the same object and background at any position.

    Args:
        label: class of the object, 0-7, an index into ``NAMES``.
        generator: the only source of randomness.
        half: make the object small and keep it in this half of the image.
        center: (y, x) of the middle of the object's box, in 0..1, instead of a random position; whatever extends past
            the image's edge is cut off.

    Returns:
        uint8 (32, 32, 3), 0-255, RGB; and the object's box (ymin, xmin, ymax, xmax) in 0..1.
    """
    outline_of, max_rotation = _KINDS[NAMES[label]]
    outline = outline_of(generator.random()) * np.exp(1j * np.radians(max_rotation) * generator.uniform(-1, 1))
    points = np.stack([outline.imag, outline.real], axis=1)
    points -= (points.max(axis=0) + points.min(axis=0)) / 2
    points *= generator.uniform(*(_LENGTHS_IN_HALF if half else _LENGTHS)) / 2 / points.max()

    start = np.array([0, SIZE // 2 if half == "right" else 0]) + _MARGIN
    end = np.array([SIZE, SIZE // 2 if half == "left" else SIZE]) - _MARGIN
    half_extent = points.max(axis=0)
    random_center = start + half_extent + generator.random(2) * (end - start - 2 * half_extent)
    points += random_center if center is None else np.multiply(center, SIZE)

    fine = Image.new("L", (SIZE * _OVERSAMPLING, SIZE * _OVERSAMPLING))
    ImageDraw.Draw(fine).polygon((points[:, ::-1] * _OVERSAMPLING).ravel().tolist(), fill=255)
    left, top, right, bottom = (edge / fine.width for edge in fine.getbbox() or (0, 0, 0, 0))
    coverage = np.asarray(fine.reduce(_OVERSAMPLING))[..., None] / 255

    background, foreground = _draw_colours(generator)
    texture = _draw_texture(generator)[..., None]
    background = background + _TEXTURE * texture * generator.uniform([0.5, -1, -1], [1, 1, 1])
    light_direction = generator.uniform(-1, 1)
    foreground = foreground - _SHADING * ((_Y + light_direction * _X) / 2)[..., None] * [1, 0, 0]
    image = _to_srgb(background + coverage * (foreground - background))
    image += _NOISE * generator.uniform(0.3, 1) * generator.standard_normal(image.shape, dtype=np.float32)
    return np.round(image).clip(0, 255).astype(np.uint8), (top, left, bottom, right)


def _draw_colours(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A muted and a vivid colour that go together, OKLab (3,): for the background and the object."""
    hue = generator.uniform(*_DARK_HUES)
    hues = np.radians([hue, hue + 60 * generator.integers(1, 6) + generator.uniform(-15, 15)])
    chroma = generator.uniform([0.02, 0.11], [0.07, 0.17])
    if generator.random() < 0.5:
        chroma = chroma[::-1]
    lightness = generator.uniform(*np.transpose([_DARK, _BRIGHT]))
    dark, bright = np.stack([lightness, chroma * np.cos(hues), chroma * np.sin(hues)], axis=1)
    return (dark, bright) if chroma[0] < chroma[1] else (bright, dark)


def _draw_texture(generator: np.random.Generator) -> np.ndarray:
    """A soft pattern, float (32, 32) in -1..1: a gradient, clouds, stripes, a weave or dots."""
    angle, waves, phase = generator.uniform([0, 2.5, 0], [np.pi, 6, 2 * np.pi])
    across = np.cos(angle) * _X + np.sin(angle) * _Y
    along = np.cos(angle) * _Y - np.sin(angle) * _X
    kind = generator.integers(5)
    if kind == 0:
        return across / np.sqrt(2)
    if kind == 1:
        grid = generator.normal(size=(6, 6)).astype(np.float32)
        clouds = np.asarray(Image.fromarray(grid).resize((SIZE, SIZE), Image.Resampling.BICUBIC))
        return clouds / np.abs(clouds).max()
    stripes = np.sin(np.pi * waves * across + phase)
    if kind == 2:
        return stripes
    crossing = np.sin(np.pi * waves * along + phase)
    return (stripes + crossing) / 2 if kind == 3 else np.clip(stripes * crossing * 2.5, 0, 1) * 2 - 1


def _to_srgb(lab: np.ndarray) -> np.ndarray:
    """Convert OKLab (..., 3) to sRGB, float 0-255; colours outside sRGB are clipped."""
    lms = lab.reshape(-1, 3).astype(np.float32) @ _TO_LMS.T
    linear = ((lms * lms * lms) @ _TO_RGB.T).clip(0, 1).reshape(lab.shape)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
