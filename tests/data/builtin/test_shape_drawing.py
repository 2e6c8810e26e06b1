"""Drawn objects: their boxes, contrast, outlines and positions."""

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from cnn.data.builtin import shape_drawing
from cnn.data.builtin.shape_drawing import NAMES, SIZE, draw


def draw_background(monkeypatch, label: int, generator: np.random.Generator, **where) -> np.ndarray:
    """The image that ``draw`` makes without its object."""
    with monkeypatch.context() as patch:
        patch.setattr(shape_drawing.ImageDraw.ImageDraw, "polygon", lambda *args, **kwargs: None)
        return draw(label, generator, **where)[0]


def draw_with_and_without_object(monkeypatch, seed: int, **where) -> tuple[np.ndarray, np.ndarray, shape_drawing.Box]:
    """An image, the same image without its object, and the object's box."""
    image, box = draw(seed % 8, np.random.default_rng(seed), **where)
    return image, draw_background(monkeypatch, seed % 8, np.random.default_rng(seed), **where), box


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Relative luminance of sRGB 0-255 as defined by WCAG 2.1."""
    scaled = rgb / 255
    linear = np.where(scaled <= 0.03928, scaled / 12.92, ((scaled + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("where", [{}, {"half": "left"}, {"half": "right"}, {"center": (0.0, 0.9)}], ids=str)
def test_box_is_the_bounding_box_of_the_painted_pixels(monkeypatch, where):
    for seed in range(80):
        image, empty, box = draw_with_and_without_object(monkeypatch, seed, **where)
        painted = np.abs(image.astype(int) - empty).max(axis=-1) > 0
        y, x = (np.flatnonzero(painted.any(axis=axis)) for axis in (1, 0))
        measured = np.array([y[0], x[0], y[-1] + 1, x[-1] + 1])
        inside = np.array([1, 1, -1, -1]) * (np.array(box) * SIZE - measured)
        assert inside.min() > -1e-6, "paint outside the box"
        assert inside.max() < 1.5, "box larger than the paint"


def test_object_contrasts_with_its_background(monkeypatch):
    for seed in range(400):
        image, empty, _ = draw_with_and_without_object(monkeypatch, seed)
        painted = np.abs(image.astype(int) - empty).max(axis=-1) > 40
        foreground, background = luminance(image[painted].mean(axis=0)), luminance(image[~painted].mean(axis=0))
        contrast_ratio = (max(foreground, background) + 0.05) / (min(foreground, background) + 0.05)
        assert contrast_ratio > 2


def object_mask(monkeypatch, name: str, seed: int) -> np.ndarray:
    """The pixels that the object covers, bool (32, 32)."""
    generators = np.random.default_rng(seed), np.random.default_rng(seed)
    image, _ = draw(NAMES.index(name), generators[0], center=(0.5, 0.5))
    empty = draw_background(monkeypatch, NAMES.index(name), generators[1], center=(0.5, 0.5))
    difference = np.linalg.norm(image.astype(float) - empty, axis=-1)
    return difference > np.percentile(difference[difference > 0], 90) / 2


def test_circle_fills_the_disc_in_its_box(monkeypatch):
    y, x = np.mgrid[0:SIZE, 0:SIZE] - (SIZE - 1) / 2
    for seed in range(40):
        _, (ymin, _, ymax, _) = draw(NAMES.index("circle"), np.random.default_rng(seed), center=(0.5, 0.5))
        mask, distance = object_mask(monkeypatch, "circle", seed), np.hypot(y, x) - (ymax - ymin) * SIZE / 2
        assert mask[distance < -1.5].all()
        assert not mask[distance > 1].any()


@pytest.mark.parametrize("name", NAMES)
def test_outline_is_as_convex_as_its_name_implies(monkeypatch, name):
    solidities = []
    for seed in range(40):
        mask = object_mask(monkeypatch, name, seed)
        corners = np.argwhere(mask)[:, None] + np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        solidities.append(mask.sum() / ConvexHull(corners.reshape(-1, 2)).volume)
    solidity = np.median(solidities)
    assert solidity > 0.85 if name in ("circle", "square", "triangle", "heart") else solidity < 0.82


def test_moving_the_center_moves_only_the_object(monkeypatch):
    for seed in range(16):
        image, empty, box = draw_with_and_without_object(monkeypatch, seed, half="left", center=(0.5, 0.375))
        moved, moved_empty, moved_box = draw_with_and_without_object(
            monkeypatch, seed, half="left", center=(0.5, 0.625)
        )
        np.testing.assert_array_equal(empty, moved_empty)
        np.testing.assert_allclose(np.add(box, [0, 0.25, 0, 0.25]), moved_box, atol=1e-9)
        np.testing.assert_allclose((box[0] + box[2]) / 2, 0.5, atol=1 / SIZE / 8)
        assert not np.array_equal(image, moved)


def test_colours_and_texture_are_independent_of_the_class(monkeypatch):
    first, *others = (draw_background(monkeypatch, label, np.random.default_rng(5)) for label in range(8))
    for other in others:
        np.testing.assert_array_equal(first, other)
