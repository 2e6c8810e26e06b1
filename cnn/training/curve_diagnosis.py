"""A diagnosis of a run's loss and accuracy curves, in plain words.

Where the curves do not show what a sentence would claim, the sentence is not said: noise is no trend, and an accuracy
that always naming the most frequent class would have reached proves nothing.
"""

import math
from collections.abc import Sequence
from typing import Any

from cnn.training.curves import trends
from cnn.training.curves.run_facts import RunFacts

Epoch = dict[str, Any]
NEAR_THE_TOP = 0.98  # from here the loss goes on falling while the number of mistakes hardly does
LARGE_GAP = 0.1  # between training and validation accuracy


def diagnose_curves(epochs: Sequence[Epoch], run: RunFacts, *, diverged: bool = False) -> str:
    """Two or three sentences for a pupil about a run so far.

    Args:
        epochs: the run's "epoch" events in order, with ``loss``, ``accuracy``, ``val_loss``, ``val_accuracy``.
        run: what else must be known of it.
        diverged: the loss became infinite or not a number.
    """
    if diverged or any(epoch["loss"] is None or epoch["val_loss"] is None for epoch in epochs):
        return (
            "The loss ran away to infinity (it diverged): the steps were too large to go downhill. "
            "Try a learning rate ten times smaller."
        )
    if not epochs:
        return "No whole epoch yet: the network is still on its first pass over the images."
    if run.shuffled_labels:
        return _describe_random_labels(epochs[-1], run)
    if jump := _describe_jump(epochs, run):
        return jump
    if len(epochs) == 1:
        return _describe_first_epoch(epochs[0], run) + _explain_better_exam(epochs, run)
    if _is_no_better_than_guessing(epochs[-1], run):
        return _describe_guessing(epochs, run)
    if (start := overfitting_since(epochs)) is not None:
        return _describe_rising_loss(epochs, start, run)
    if disagreement := _describe_falling_accuracy(epochs, run):
        return disagreement
    last = epochs[-1]
    if last["val_accuracy"] >= NEAR_THE_TOP and _beats_guessing(last["val_accuracy"], run):
        return _describe_near_the_top(last["val_accuracy"])
    if is_still_learning(epochs):
        return _describe_still_learning(last) + _explain_better_exam(epochs, run)
    return _describe_plateau(epochs) + _explain_better_exam(epochs, run)


def overfitting_since(epochs: Sequence[Epoch]) -> int | None:
    """The first epoch (1-based) after which the validation loss rose while the training loss fell, or None.

    Noise alone is not taken for a rise; see ``trends.has_risen``.
    """
    losses, practised = _column(epochs, "val_loss"), _column(epochs, "loss")
    if not trends.has_risen(losses) or not trends.has_fallen(practised, trends.lowest_epoch(losses)):
        return None
    return int(epochs[trends.lowest_epoch(losses) + 1]["epoch"])


def is_still_learning(epochs: Sequence[Epoch]) -> bool:
    """Whether the validation loss was still falling at the last epoch; see ``trends.is_falling``."""
    return trends.is_falling(_column(epochs, "val_loss"))


def _is_no_better_than_guessing(last: Epoch, run: RunFacts) -> bool:
    """Whether neither curve is above guessing. With class weights, accuracy alone cannot tell."""
    practised_is = last["accuracy"] > run.guessing + LARGE_GAP
    return not (run.class_weights or practised_is or _beats_guessing(last["val_accuracy"], run))


def _beats_guessing(accuracy: float, run: RunFacts) -> bool:
    return trends.beats_guessing(accuracy, run.held_out, run.guessing)


def _describe_random_labels(last: Epoch, run: RunFacts) -> str:
    return (
        f"The labels are random, so there is nothing to understand: the network can only learn by heart. It gets "
        f"{_percent(last['accuracy'])} of the images it practises on right and {_percent(last['val_accuracy'])} of "
        f"new ones; guessing gives {_percent(run.guessing)}."
    )


def _describe_jump(epochs: Sequence[Epoch], run: RunFacts) -> str | None:
    """A loss that ends far above its lowest, and above that of a network which knows nothing; None without one."""
    clueless = math.log(run.classes)
    for name, images in (("loss", "practised"), ("val_loss", "held-out")):
        losses = _column(epochs, name)
        if not trends.has_jumped(losses) or losses[-1] < clueless:
            continue
        change = f"the loss on {images} images has jumped from {losses[-2]:.2g} to {losses[-1]:.2g}"
        if name == "loss":
            return f"Out of control: {change}. The steps are too large. Try a learning rate ten times smaller."
        return (
            f"A jump: in the last epoch {change}, while that on practised ones did not. One epoch is no trend: the "
            "next will show whether it recovers. If it often jumps, try smaller steps (a lower learning rate)."
        )
    return None


def _describe_first_epoch(epoch: Epoch, run: RunFacts) -> str:
    right = _percent(epoch["val_accuracy"])
    if _is_no_better_than_guessing(epoch, run):
        return (
            f"One epoch is over, and {right} of the held-out images are right: {_guessing(run)}. So early that says "
            "nothing yet."
        )
    return (
        f"One epoch is over: {right} of the held-out images are right; guessing gives {_percent(run.guessing)}. One "
        "point is no curve yet: the second epoch will show where it goes."
    )


def _describe_guessing(epochs: Sequence[Epoch], run: RunFacts) -> str:
    right = _percent(epochs[-1]["val_accuracy"])
    if is_still_learning(epochs):
        return (
            f"No better than guessing so far: {right} of the held-out images are right, and {_guessing(run)}. But the "
            "loss is falling, so it is learning something. More epochs will show what."
        )
    if run.unbalanced:
        return (
            f"No better than guessing: {right} of the held-out images are right, and {_guessing(run)}. It may know no "
            "other class at all: see balanced accuracy on the Evaluation page. Class weights, or more images of the "
            "rare classes, would help."
        )
    return (
        f"Nothing learned yet: {right} is what guessing gives ({_percent(run.guessing)}). Steps "
        "that are too large or far too small do this. Try a learning rate of 0.001."
    )


def _guessing(run: RunFacts) -> str:
    if run.unbalanced:
        return f"always naming the most frequent class gives {_percent(run.guessing)}"
    return f"guessing gives {_percent(run.guessing)}"


def _describe_rising_loss(epochs: Sequence[Epoch], start: int, run: RunFacts) -> str:
    """Overfitting, or over-confidence: the loss rises because it is too sure of its mistakes."""
    lowest, last = trends.lowest_epoch(_column(epochs, "val_loss")), epochs[-1]
    best = epochs[lowest]
    rise = f"from {best['val_loss']:.2f} to {last['val_loss']:.2f}"
    change = trends.accuracy_change(_column(epochs, "val_accuracy"), lowest, run.held_out)
    if change > 0 and last["val_accuracy"] > best["val_accuracy"]:
        return (
            f"Over-confident from epoch {start} on: the loss on held-out images rises, {rise}, but more of them are "
            f"right, {_percent(best['val_accuracy'])} then and {_percent(last['val_accuracy'])} now. It is ever "
            "surer of the mistakes it still makes. Stop earlier only if you need to trust its percentages."
        )
    return (
        f"Learning by heart (overfitting) from epoch {start} on: the loss on the practice images keeps falling, "
        f"but on images held out it rises, {rise}. More images, augmentation, or stopping after epoch "
        f"{best['epoch']} would help."
    )


def _describe_falling_accuracy(epochs: Sequence[Epoch], run: RunFacts) -> str | None:
    """Fewer held-out images right although their loss falls; None unless both are clear."""
    accuracies, losses = _column(epochs, "val_accuracy"), _column(epochs, "val_loss")
    best = accuracies.index(max(accuracies))
    change = trends.accuracy_change(accuracies, best, run.held_out)
    if len(epochs) - best < 3 or change > -0.02 or not trends.has_fallen(losses, best):
        return None
    return (
        f"The two curves disagree: the loss on held-out images falls, but fewer of them are right, "
        f"{_percent(accuracies[best])} after epoch {epochs[best]['epoch']} and {_percent(accuracies[-1])} now. It is "
        "less wrong where it is wrong, and no longer right where it was just right. Go by the one you need."
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


def _describe_plateau(epochs: Sequence[Epoch]) -> str:
    last = epochs[-1]
    gap, right = last["accuracy"] - last["val_accuracy"], _percent(last["val_accuracy"])
    if len(epochs) == 2:
        return f"Two epochs are too few to see a trend: {right} of the held-out images are right so far."
    if gap > LARGE_GAP:
        return (
            f"Levelled off: {right} on held-out images, {_points(gap)} below the practised "
            "ones. It knows those too well: more images or augmentation would help more than more epochs."
        )
    if gap < -LARGE_GAP / 2:
        return f"Levelled off at {right} on held-out images."
    return (
        f"Levelled off at {right} on held-out images, about as good as on practised ones. "
        "A larger network might do better."
    )


def _explain_better_exam(epochs: Sequence[Epoch], run: RunFacts) -> str:
    """Why it does far better on held-out than on practised images; empty where it does not, or nothing explains it."""
    last = epochs[-1]
    gap = last["val_accuracy"] - last["accuracy"]
    if not trends.exceeds(last["val_accuracy"], last["accuracy"], run.held_out):
        return ""
    better = f" It is {_points(gap)} better on held-out images than on practised ones, and that is no mistake: "
    harder = [
        *(["dropout switches neurons off"] if run.dropout else []),
        *(["augmentation makes the images harder"] if run.augmented else []),
    ]
    if harder:
        return f"{better}while it practises, {' and '.join(harder)}; on held-out images it has no such handicap."
    before = epochs[-2]["accuracy"] if len(epochs) > 1 else 0.0
    if last["accuracy"] - before > gap / 2:
        return f"{better}those were counted all through the epoch, when it knew less, and these at its end."
    return ""


def _column(epochs: Sequence[Epoch], name: str) -> list[float]:
    return [epoch[name] for epoch in epochs]


def _percent(fraction: float) -> str:
    whole = round(100 * fraction)
    return f"{whole} %" if whole < 100 or fraction == 1 else "over 99 %"


def _points(gap: float) -> str:
    return f"{100 * gap:.0f} percentage points"
