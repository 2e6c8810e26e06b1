"""The final exam of a network: its score on the test images, sealed until its owner opens it.

A network takes the exam once, right after its training, and what it answered is stored. The score stays sealed, because
whoever looks at it may choose by it, and then it says nothing about new images any more: settings and networks are
chosen by validation images. Once opened, an exam stays open; its date and every look are kept.

Source: Dwork et al. (2015), "The reusable holdout: preserving validity in adaptive data analysis", Science 349.
"""

import os
import time
from dataclasses import dataclass
from typing import Literal

from cnn.errors import DamagedFileError, ModelError
from cnn.model.store import Card
from cnn.stored_files import LATEST, read_lines, whole

ScoredSplit = Literal["validation", "test"]
_LOOKS = "final_exam_looks.txt"  # one Unix time a line, one line a look; the first opened the exam


@dataclass(frozen=True)
class FinalExam:
    """How a network's final exam stands.

    Attributes:
        opened: Unix time in seconds of its opening; None while it is sealed.
        looks: how often it was looked at on this machine; 0 where nobody counted, as for models that come with the app.
    """

    opened: int | None
    looks: int


def read_final_exam(card: Card) -> FinalExam:
    """How the final exam of a model stands.

    Exams that were not sealed when the model was saved count as opened at that time.
    """
    try:
        looks = [whole({"look": int(line[:20])}, "look", 0, LATEST) for line in read_lines(card.folder / _LOOKS)]
    except (DamagedFileError, ValueError):
        looks = []
    if card.exam_opened is not None:
        return FinalExam(card.exam_opened, len(looks))
    if not card.exam_sealed:
        return FinalExam(card.created, len(looks))
    return FinalExam(looks[0] if looks else None, len(looks))


def look_at_final_exam(card: Card) -> FinalExam:
    """Count a look at a model's final exam; the first look opens a sealed one.

    Raises:
        ModelError: the look cannot be written, so the exam stays as it is.
    """
    try:
        # One short line in append mode, so that two looks at once are two lines.
        descriptor = os.open(card.folder / _LOOKS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, f"{round(time.time())}\n".encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        raise ModelError(
            f"The look at the final exam could not be written ({error}), and without it the exam stays closed. "
            f"Make room in {card.folder}, then try again."
        ) from error
    return read_final_exam(card)


def scored_split(card: Card) -> ScoredSplit:
    """The images by which a model is judged: the test images once its exam is open, until then the validation ones."""
    return "test" if card.examined and read_final_exam(card).opened is not None else "validation"
