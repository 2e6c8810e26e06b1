"""What the colours of a layer's maps mean, in words."""

import numpy as np

from cnn.figures.feature_maps import is_signed, limits


def legend(maps: np.ndarray, *, scale_each: bool) -> str:
    """What the colours stand for.

    Args:
        maps: float (h, w, filters), of one layer.
        scale_each: whether each map is scaled by itself, see ``feature_map_images``.
    """
    strongest = f"{float(limits(maps)[1]):.3g}"
    if is_signed(maps):
        ends = "the deepest colours are each map's own" if scale_each else f"the deepest colours stand for ±{strongest}"
        return f"White is 0, purple below it, green above; {ends}."
    return f"Dark is 0, yellow {'the highest number of each map' if scale_each else strongest}."


def over_the_picture(maps: np.ndarray) -> str:
    """What the colours of one of the maps stand for when it lies over the picture."""
    return "green: above zero, purple: below" if is_signed(maps) else "yellow: where it answers most"


def meaning_of_zero(layer: str, maps: np.ndarray) -> str:
    """What it means that a number of a layer's maps, float (h, w, filters), is zero."""
    if is_signed(maps):
        return f"In {layer} no ReLU has cut off what is below zero: white is 0, purple below it, green above."
    return f"In {layer} dark is 0: there the filter found nothing."
