"""Sentences on a run's curves, once it is clear which one is true."""

from collections.abc import Sequence
from typing import Any

from cnn.training.curves import trends
from cnn.training.curves.run_facts import RunFacts

Epoch = dict[str, Any]
LARGE_GAP = 0.1  # between training and validation accuracy


def describe_random_labels(last: Epoch, run: RunFacts) -> str:
    """The experiment with random labels: what it has memorised, and what it knows of new images."""
    return (
        f"The labels are random, so there is nothing to understand: the network can only memorise them. It gets "
        f"{percent(last['accuracy'])} of the training images right and {percent(last['val_accuracy'])} of "
        f"new ones; guessing gives {percent(run.guessing)}."
    )


def describe_first_epoch(epoch: Epoch, run: RunFacts, *, guesses: bool) -> str:
    """One epoch, which is no curve yet.

    Args:
        guesses: whether its accuracy is no better than guessing.
    """
    right = percent(epoch["val_accuracy"])
    if guesses:
        return (
            f"One epoch is over, and {right} of the validation images are right: {_guessing(run)}. So early that says "
            "nothing yet."
        )
    return (
        f"One epoch is over: {right} of the validation images are right; guessing gives {percent(run.guessing)}. One "
        "point is no curve yet: the second epoch will show where it goes."
    )


def describe_guessing(epochs: Sequence[Epoch], run: RunFacts) -> str:
    """No better than always naming the most frequent class."""
    right = percent(epochs[-1]["val_accuracy"])
    if _is_falling(epochs):
        return (
            f"No better than guessing so far: {right} of the validation images are right, and {_guessing(run)}. But "
            "the loss is falling, so it is learning something. More epochs will show what."
        )
    if run.unbalanced:
        return (
            f"No better than guessing: {right} of the validation images are right, and {_guessing(run)}. It may know "
            "no other class at all: see balanced accuracy on the Evaluation page. Class weights, or more images of the "
            "rare classes, would help."
        )
    return (
        f"Nothing learned yet: {right} is what guessing gives ({percent(run.guessing)}). Steps "
        "that are too large or far too small do this. Try a learning rate of 0.001."
    )


def describe_weighted_accuracy(epochs: Sequence[Epoch], run: RunFacts) -> str:
    """With class weights a network gives up accuracy for the rare classes, so accuracy does not show what it knows."""
    start = "Still learning: the loss is falling. But a" if _is_falling(epochs) else "A"
    return (
        f"{start}ccuracy cannot tell how much it knows: {percent(epochs[-1]['val_accuracy'])} of the validation images "
        f"are right, and {_guessing(run)}. With class weights every class counts the same, so look at the balanced "
        "accuracy, on the Evaluation page."
    )


def describe_near_the_top(val_accuracy: float) -> str:
    """Nearly every validation image is right."""
    if val_accuracy == 1:
        return (
            "Nothing left to learn here: every validation image is right. Only harder images can tell how good it "
            "really is. Show it one of your own."
        )
    return (
        f"Little left to learn: {percent(val_accuracy)} of the validation images are right. More epochs "
        "make it surer of its answers rather than better. Look at the few it gets wrong: would you have known?"
    )


def describe_still_learning(last: Epoch) -> str:
    """The loss on validation images still falls."""
    gap = last["accuracy"] - last["val_accuracy"]
    tail = f" It is {points(gap)} better on training images, so watch the gap." if gap > LARGE_GAP else ""
    return (
        "Still learning: the loss on validation images was still falling at the last epoch. More epochs should help."
        + tail
    )


def describe_plateau(epochs: Sequence[Epoch]) -> str:
    """Nothing changes any more."""
    last = epochs[-1]
    gap, right = last["accuracy"] - last["val_accuracy"], percent(last["val_accuracy"])
    if len(epochs) == 2:
        return f"Two epochs are too few to see a trend: {right} of the validation images are right so far."
    if gap > LARGE_GAP:
        return (
            f"Levelled off: {right} on validation images, {points(gap)} less than on training "
            "images. It knows those too well: more images or augmentation would help more than more epochs."
        )
    if gap < -LARGE_GAP / 2:
        return f"Levelled off at {right} on validation images."
    return (
        f"Levelled off at {right} on validation images, about as good as on training images. "
        "A larger network might do better."
    )


def explain_better_exam(epochs: Sequence[Epoch], run: RunFacts) -> str:
    """Why it does far better on validation than on training images; empty where it does not, or nothing explains it."""
    last = epochs[-1]
    gap = last["val_accuracy"] - last["accuracy"]
    if not trends.exceeds(last["val_accuracy"], last["accuracy"], run.held_out):
        return ""
    better = f" It is {points(gap)} better on validation images than on training images, and that is no mistake: "
    harder = [
        *(["dropout switches neurons off"] if run.dropout else []),
        *(["augmentation makes the training images harder"] if run.augmented else []),
    ]
    if harder:
        return f"{better}while it learns, {' and '.join(harder)}; the validation images are shown as they are."
    before = epochs[-2]["accuracy"] if len(epochs) > 1 else 0.0
    if last["accuracy"] - before > gap / 2:
        return f"{better}those were counted all through the epoch, when it knew less, and these at its end."
    return ""


def percent(fraction: float) -> str:
    """A fraction, 0..1, in whole per cent; under 100 unless it is 1."""
    whole = round(100 * fraction)
    return f"{whole} %" if whole < 100 or fraction == 1 else "over 99 %"


def _guessing(run: RunFacts) -> str:
    if run.unbalanced:
        return f"always naming the most frequent class gives {percent(run.guessing)}"
    return f"guessing gives {percent(run.guessing)}"


def points(gap: float) -> str:
    return f"{100 * gap:.0f} percentage points"


def _is_falling(epochs: Sequence[Epoch]) -> bool:
    return trends.is_falling([epoch["val_loss"] for epoch in epochs])
