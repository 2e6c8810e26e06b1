"""A diagnosis of a run's loss and accuracy curves, in plain words.

Where the curves do not show what a sentence would claim, the sentence is not said: noise is no trend, and an accuracy
that always naming the most frequent class would have reached proves nothing.
"""

import math
from collections.abc import Sequence
from typing import Any

from cnn.training.curves import sentences, trends
from cnn.training.curves.run_facts import RunFacts
from cnn.training.curves.sentences import percent

Epoch = dict[str, Any]
NEAR_THE_TOP = 0.98  # from here the loss goes on falling while the number of mistakes hardly does


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
        return sentences.describe_random_labels(epochs[-1], run)
    if jump := _describe_jump(epochs, run):
        return jump
    guesses = _is_no_better_than_guessing(epochs[-1], run)
    if len(epochs) == 1:
        first = sentences.describe_first_epoch(epochs[0], run, guesses=guesses)
        return first + sentences.explain_better_exam(epochs, run)
    if guesses and not run.class_weights:
        return sentences.describe_guessing(epochs, run)
    if (start := overfitting_since(epochs)) is not None:
        return _describe_rising_loss(epochs, start, run)
    if guesses:
        return sentences.describe_weighted_accuracy(epochs, run)
    if disagreement := _describe_falling_accuracy(epochs, run):
        return disagreement
    last = epochs[-1]
    if last["val_accuracy"] >= NEAR_THE_TOP and _beats_guessing(last["val_accuracy"], run):
        return sentences.describe_near_the_top(last["val_accuracy"])
    if is_still_learning(epochs):
        return sentences.describe_still_learning(last) + sentences.explain_better_exam(epochs, run)
    return sentences.describe_plateau(epochs) + sentences.explain_better_exam(epochs, run)


def overfitting_since(epochs: Sequence[Epoch]) -> int | None:
    """The first epoch (1-based) after which the validation loss rose while the training loss fell, or None.

    Noise alone is not taken for a rise; see ``trends.has_risen``.
    """
    losses, training = _column(epochs, "val_loss"), _column(epochs, "loss")
    if not trends.has_risen(losses) or not trends.has_fallen(training, trends.lowest_epoch(losses)):
        return None
    return int(epochs[trends.lowest_epoch(losses) + 1]["epoch"])


def is_still_learning(epochs: Sequence[Epoch]) -> bool:
    """Whether the validation loss was still falling at the last epoch; see ``trends.is_falling``."""
    return trends.is_falling(_column(epochs, "val_loss"))


def _is_no_better_than_guessing(last: Epoch, run: RunFacts) -> bool:
    """Whether neither accuracy is above guessing. A network with class weights may know a lot even then."""
    beats_on_training = last["accuracy"] > run.guessing + sentences.LARGE_GAP
    return not (beats_on_training or _beats_guessing(last["val_accuracy"], run))


def _beats_guessing(accuracy: float, run: RunFacts) -> bool:
    return trends.beats_guessing(accuracy, run.held_out, run.guessing)


def _describe_jump(epochs: Sequence[Epoch], run: RunFacts) -> str | None:
    """A loss that ends far above its lowest, and above that of a network which knows nothing; None without one."""
    clueless = math.log(run.classes)
    for name, images in (("loss", "training"), ("val_loss", "validation")):
        losses = _column(epochs, name)
        if not trends.has_jumped(losses) or losses[-1] < clueless:
            continue
        change = f"the loss on {images} images has jumped from {losses[-2]:.2g} to {losses[-1]:.2g}"
        if name == "loss":
            return f"Out of control: {change}. The steps are too large. Try a learning rate ten times smaller."
        return (
            f"A jump: in the last epoch {change}, while that on training images did not. One epoch is no trend: the "
            "next will show whether it recovers. If it often jumps, try smaller steps (a lower learning rate)."
        )
    return None


def _describe_rising_loss(epochs: Sequence[Epoch], start: int, run: RunFacts) -> str:
    """Overfitting, or over-confidence: the loss rises because it is too sure of its mistakes."""
    lowest, last = trends.lowest_epoch(_column(epochs, "val_loss")), epochs[-1]
    best = epochs[lowest]
    rise = f"from {best['val_loss']:.2f} to {last['val_loss']:.2f}"
    change = trends.accuracy_change(_column(epochs, "val_accuracy"), lowest, run.held_out)
    # With class weights, accuracy also climbs when the rare classes are forgotten.
    if change > 0 and last["val_accuracy"] > best["val_accuracy"] and not run.class_weights:
        return (
            f"Over-confident from epoch {start} on: the loss on validation images rises, {rise}, but more of them are "
            f"right, {percent(best['val_accuracy'])} then and {percent(last['val_accuracy'])} now. It is ever "
            "surer of the mistakes it still makes. Stop earlier only if you need to trust its percentages."
        )
    return (
        f"Memorising (overfitting) from epoch {start} on: the loss on training images keeps falling, "
        f"but on validation images it rises, {rise}. More images, augmentation, or stopping after epoch "
        f"{best['epoch']} would help."
    )


def _describe_falling_accuracy(epochs: Sequence[Epoch], run: RunFacts) -> str | None:
    """Fewer validation images right although their loss falls; None unless both are clear, or with class weights.

    Those give up accuracy on the frequent class for the rare ones, as they should.
    """
    if run.class_weights:
        return None
    accuracies, losses = _column(epochs, "val_accuracy"), _column(epochs, "val_loss")
    best = accuracies.index(max(accuracies))
    change = trends.accuracy_change(accuracies, best, run.held_out)
    if len(epochs) - best < 3 or change > -0.02 or not trends.has_fallen(losses, best):
        return None
    return (
        f"The two curves disagree: the loss on validation images falls, but fewer of them are right, "
        f"{percent(accuracies[best])} after epoch {epochs[best]['epoch']} and {percent(accuracies[-1])} now. It is "
        "less wrong where it is wrong, and no longer right where it was just right. Go by the one you need."
    )


def _column(epochs: Sequence[Epoch], name: str) -> list[float]:
    return [epoch[name] for epoch in epochs]
