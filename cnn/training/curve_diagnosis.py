"""A diagnosis of a run's loss and accuracy curves, in plain words."""

from collections.abc import Sequence
from typing import Any

Epoch = dict[str, Any]
NEAR_THE_TOP = 0.98  # from here the loss goes on falling while the number of mistakes hardly does
LARGE_GAP = 0.1  # between training and validation accuracy


def diagnose_curves(
    epochs: Sequence[Epoch], *, classes: int, diverged: bool = False, random_labels: bool = False
) -> str:
    """Two or three sentences for a pupil about a run so far.

    Args:
        epochs: the run's "epoch" events in order, with ``loss``, ``accuracy``, ``val_loss``, ``val_accuracy``.
        classes: number of classes, which gives the accuracy of guessing.
        diverged: the loss became infinite or not a number.
        random_labels: the run is the experiment with shuffled labels.
    """
    if diverged or any(epoch["loss"] is None or epoch["val_loss"] is None for epoch in epochs):
        return (
            "The loss ran away to infinity (it diverged): the steps were too large to go downhill. "
            "Try a learning rate ten times smaller."
        )
    if not epochs:
        return "No whole epoch yet: the network is still on its first pass over the images."
    last, chance = epochs[-1], 1 / classes
    if random_labels:
        return _describe_random_labels(last, chance)
    if len(epochs) >= 2 and last["accuracy"] < chance * 1.3 and last["val_accuracy"] < chance * 1.3:
        return (
            f"Nothing learned yet: {_percent(last['val_accuracy'])} is what guessing gives ({_percent(chance)}). Steps "
            "that are too large or far too small do this. Try a learning rate of 0.001."
        )
    if (start := overfitting_since(epochs)) is not None:
        return _describe_overfitting(epochs, start)
    if last["val_accuracy"] >= NEAR_THE_TOP:
        return _describe_near_the_top(last["val_accuracy"])
    if is_still_learning(epochs):
        return _describe_still_learning(last)
    return _describe_plateau(last)


def overfitting_since(epochs: Sequence[Epoch]) -> int | None:
    """The first epoch (1-based) after which the validation loss rose while the training loss fell, or None."""
    if len(epochs) < 3:
        return None
    losses = [epoch["val_loss"] for epoch in epochs]
    lowest = losses.index(min(losses))
    after = epochs[lowest + 1 :]
    if len(after) < 2 or losses[-1] < losses[lowest] * 1.05:
        return None
    falls = epochs[-1]["loss"] < epochs[lowest]["loss"]
    return after[0]["epoch"] if falls else None


def is_still_learning(epochs: Sequence[Epoch]) -> bool:
    """Whether the last epoch lowered the validation loss more than 2 % below its previous minimum."""
    if len(epochs) < 2:
        return True
    previous_best = min(epoch["val_loss"] for epoch in epochs[:-1])
    return epochs[-1]["val_loss"] < 0.98 * previous_best


def _describe_random_labels(last: Epoch, chance: float) -> str:
    return (
        f"The labels are random, so there is nothing to understand: the network can only learn by heart. It gets "
        f"{_percent(last['accuracy'])} of the images it practises on right and {_percent(last['val_accuracy'])} of "
        f"new ones; guessing gives {_percent(chance)}."
    )


def _describe_overfitting(epochs: Sequence[Epoch], start: int) -> str:
    best = min(epochs, key=lambda epoch: epoch["val_loss"])
    return (
        f"Learning by heart (overfitting) from epoch {start} on: the loss on the practice images keeps falling, "
        f"but on images held out it rises, from {best['val_loss']:.2f} to {epochs[-1]['val_loss']:.2f}. More images, "
        f"augmentation, or stopping after epoch {best['epoch']} would help."
    )


def _describe_near_the_top(val_accuracy: float) -> str:
    if val_accuracy == 1:
        return (
            "Nothing left to learn here: every held-out image is right. How good it really is, only harder images can "
            "tell. Show it one of your own."
        )
    return (
        f"Little left to learn: {_percent(val_accuracy)} of the held-out images are right. More epochs "
        "make it surer of its answers rather than better. Look at the few it gets wrong: would you have known?"
    )


def _describe_still_learning(last: Epoch) -> str:
    gap = last["accuracy"] - last["val_accuracy"]
    tail = f" It is {_points(gap)} better on images it has practised, so watch the gap." if gap > LARGE_GAP else ""
    return (
        "Still learning: the loss on held-out images was still falling at the last epoch. More epochs should help."
        + tail
    )


def _describe_plateau(last: Epoch) -> str:
    gap = last["accuracy"] - last["val_accuracy"]
    if gap > LARGE_GAP:
        return (
            f"Levelled off: {_percent(last['val_accuracy'])} on held-out images, {_points(gap)} below the practised "
            "ones. It knows those too well: more images or augmentation would help more than more epochs."
        )
    return (
        f"Levelled off at {_percent(last['val_accuracy'])} on held-out images, about as good as on practised ones. "
        "A larger network might do better."
    )


def _percent(fraction: float) -> str:
    whole = round(100 * fraction)
    return f"{whole} %" if whole < 100 or fraction == 1 else "over 99 %"


def _points(gap: float) -> str:
    return f"{100 * gap:.0f} percentage points"
