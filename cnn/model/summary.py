"""What Keras prints of a network, and how many of its numbers learn."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cnn.model.pretrained_bases import base_model, with_head

if TYPE_CHECKING:
    import keras

LINE_LENGTH = 76  # characters: what Keras prints in a terminal of 80 columns


class ParameterCounts(NamedTuple):
    """Numbers of a network that learn, and that do not: those of frozen layers, and what is only measured."""

    trainable: int
    non_trainable: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.trainable + self.non_trainable


@dataclass(frozen=True)
class BaseSummary:
    """A pretrained base on its way to a new task.

    Attributes:
        text: what ``summary()`` prints of the frozen base.
        loaded: the base's parameters as it comes.
        frozen: after ``trainable = False``.
        with_head: of the frozen base with its pooling and a new head.
    """

    text: str
    loaded: ParameterCounts
    frozen: ParameterCounts
    with_head: ParameterCounts


def summary_text(model: "keras.Model") -> str:
    """What ``model.summary()`` prints, in lines of up to ``LINE_LENGTH`` characters."""
    printed: list[str] = []
    model.summary(line_length=LINE_LENGTH, print_fn=printed.append)
    return "\n".join(line.rstrip() for line in "\n".join(printed).splitlines()).strip("\n")


def count_parameters(model: "keras.Model") -> ParameterCounts:
    """The parameters of a model, as the last lines of its summary count them."""
    trainable, non_trainable = (
        sum(math.prod(weight.shape) for weight in weights)
        for weights in (model.trainable_weights, model.non_trainable_weights)
    )
    return ParameterCounts(trainable, non_trainable)


def base_summary(name: str, num_classes: int) -> BaseSummary:
    """The summary of a base, and what of it learns before and after it is frozen; builds it, which takes a second.

    Args:
        name: one of ``cnn.model.pretrained_bases.BASES``; its weights need not be on this machine.
        num_classes: of the new head.

    Raises:
        ModelError: there is no such base.
    """
    base = base_model(name, weights=False)
    base.trainable = True
    loaded = count_parameters(base)
    base.trainable = False
    return BaseSummary(
        summary_text(base), loaded, count_parameters(base), count_parameters(with_head(base, num_classes))
    )
