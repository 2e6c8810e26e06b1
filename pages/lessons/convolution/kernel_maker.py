"""Who made the kernel on the Convolution page, in words: a person, training, or the visitor."""

import numpy as np

from cnn.analysis.convolution.kernels import KERNELS, most_similar_kernel
from pages.shell.text import literal

VISITOR = "**Who made this kernel?** You did."


def describe_person(name: str, has_learned: bool) -> str:
    """Say that people made a named kernel.

    Args:
        name: one of ``KERNELS``.
        has_learned: whether the selected network has learned filters to choose as well.
    """
    other = " For one that nobody wrote, choose *Learned by the network*." if has_learned else ""
    return f"**Who made this kernel?** People: “{KERNELS[name]}” is a recipe that can be looked up.{other}"


def describe_training(title: str, kernels: np.ndarray, filter_index: int) -> str:
    """Say that training made a filter, and which named kernel it resembles most.

    Args:
        title: of the network.
        kernels: float (size, size, channels, filters), all of the network's first layer.
        filter_index: of the filter, from 0.
    """
    size, _, channels, count = kernels.shape
    made = (
        f"**Who made this kernel?** Training. {literal(title)} has {count} such filters in its first layer. Their "
        f"{size * size * channels} weights each began as random numbers, and nobody chose one of them."
    )
    if size == 1:
        return made  # a single cell has no pattern
    name, similarity = most_similar_kernel(kernels[..., filter_index].mean(axis=2))
    negative = "the negative of " if similarity < 0 else ""
    return (
        f"{made} Of the named kernels this one is most like {negative}“{KERNELS[name]}”: {abs(similarity):.2f}, where "
        "1 is the same pattern."
    )
