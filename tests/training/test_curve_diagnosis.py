"""What is said about a run's curves: a table of runs with the right sentence, and how often noise is called a trend."""

import math

import numpy as np
import pytest

from cnn.training.curve_diagnosis import diagnose_curves, is_still_learning, overfitting_since
from cnn.training.curves.run_facts import RunFacts

TEN = RunFacts(classes=10, guessing=0.1, held_out=1000)
FEW = RunFacts(classes=10, guessing=0.1, held_out=144)
TWO = RunFacts(classes=2, guessing=0.5, held_out=1000)
RARE_2 = RunFacts(classes=2, guessing=0.98, held_out=400)  # 98 % are of one class
RARE_10 = RunFacts(classes=2, guessing=0.9, held_out=400)
WEIGHTED = RunFacts(classes=2, guessing=0.9, held_out=400, class_weights=True)
DROPOUT = RunFacts(classes=10, guessing=0.1, held_out=1000, dropout=True)
AUGMENTED = RunFacts(classes=10, guessing=0.1, held_out=1000, augmented=True)
BOTH = RunFacts(classes=10, guessing=0.1, held_out=1000, dropout=True, augmented=True)
RANDOM = RunFacts(classes=10, guessing=0.1, held_out=1000, shuffled_labels=True)


def curve(losses, val_losses, accuracies=None, val_accuracies=None):
    accuracies, val_accuracies = accuracies or [0.8] * len(losses), val_accuracies or [0.8] * len(losses)
    rows = zip(losses, val_losses, accuracies, val_accuracies, strict=True)
    return [
        {"epoch": n, "loss": loss, "val_loss": val_loss, "accuracy": accuracy, "val_accuracy": val_accuracy}
        for n, (loss, val_loss, accuracy, val_accuracy) in enumerate(rows, 1)
    ]


def falling(start, end, count=8):
    return np.geomspace(start, end, count).tolist()


def rising(start, end, count=8):
    return np.linspace(start, end, count).tolist()


V_SHAPE = [1.0, 0.9, 0.8, 0.75, 0.82, 0.9, 1.0, 1.1]
SPIKE = [1.0, 0.8, 0.7, 2.9, 0.62, 0.61, 0.60, 0.61]
LEVEL = [0.80, 0.72, 0.70, 0.70, 0.69, 0.70, 0.70, 0.70]
TABLE = {
    # name: (facts, curves, what the diagnosis begins with, what it says, what it does not say)
    "no epoch": (TEN, curve([], []), "No whole epoch yet", "first pass", "should help"),
    "loss is not a number": (TEN, curve([2.0, None], [1.0, None]), "The loss ran away", "ten times smaller", "epochs"),
    "random labels": (
        RANDOM,
        curve([0.1], [9.0], [0.99], [0.1]),
        "The labels are random",
        "99 % of the training images right and 10 % of new ones; guessing gives 10 %",
        "overfitting",
    ),
    "a finite explosion": (
        TEN,
        curve([1.8, 1.4, 12.0], [1.7, 1.5, 11.0], [0.4, 0.5, 0.2], [0.4, 0.5, 0.2]),
        "Out of control",
        "from 1.4 to 12",
        "overfitting",
    ),
    "the validation loss alone explodes": (
        TEN,
        curve([1.5, 1.2, 1.0, 0.9], [1.4, 1.3, 1.2, 12.0], [0.4, 0.5, 0.6, 0.7], [0.4, 0.5, 0.6, 0.2]),
        "A jump",
        "One epoch is no trend",
        "overfitting",
    ),
    "one epoch": (TEN, curve([1.9], [1.5], [0.3], [0.45]), "One epoch is over: 45 %", "guessing gives 10 %", "falling"),
    "one epoch at chance": (
        TEN,
        curve([2.31], [2.30], [0.1], [0.11]),
        "One epoch is over, and 11 %",
        "guessing gives 10 %. So early that says nothing yet",
        "learning rate",
    ),
    "one epoch of always naming the majority": (
        RARE_10,
        curve([0.4], [0.33], [0.89], [0.9]),
        "One epoch is over, and 90 %",
        "always naming the most frequent class gives 90 %",
        "Little left",
    ),
    "one epoch, better on validation images": (
        TEN,
        curve([1.9], [1.2], [0.3], [0.6]),
        "One epoch is over: 60 %",
        "counted all through the epoch, when it knew less",
        "dropout",
    ),
    "at chance after two epochs": (
        FEW,
        curve([2.31, 2.30], [2.31, 2.30], [0.10, 0.11], [0.1, 0.12]),
        "Nothing learned yet: 12 % is what guessing gives (10 %)",
        "learning rate of 0.001",
        "More epochs",
    ),
    "at chance, but the loss falls": (
        TEN,
        curve([2.31, 2.2, 2.1], [2.31, 2.2, 2.08], [0.1, 0.1, 0.11], [0.1, 0.1, 0.11]),
        "No better than guessing so far: 11 %",
        "the loss is falling",
        "0.001",
    ),
    "98 % by always naming the majority": (
        RARE_2,
        curve(LEVEL, LEVEL, [0.98] * 8, [0.98] * 8),
        "No better than guessing: 98 %",
        "always naming the most frequent class gives 98 %",
        "Little left",
    ),
    "90 % by always naming the majority": (
        RARE_10,
        curve(LEVEL, LEVEL, [0.9] * 8, [0.9] * 8),
        "No better than guessing: 90 %",
        "balanced accuracy",
        "larger network",
    ),
    "99.5 % where the majority is 98 %": (
        RARE_2,
        curve(LEVEL, LEVEL, [0.995] * 8, [0.9975] * 8),
        "Little left to learn: over 99 %",
        "Look at the few",
        "guessing",
    ),
    "97 % where the majority is 90 %": (
        RARE_10,
        curve(LEVEL, LEVEL, [0.97] * 8, [0.97] * 8),
        "Levelled off at 97 %",
        "larger network",
        "guessing",
    ),
    "class weights: accuracy alone cannot tell": (
        WEIGHTED,
        curve(LEVEL, LEVEL, [0.88] * 8, [0.88] * 8),
        "Accuracy cannot tell how much it knows: 88 %",
        "balanced accuracy",
        "larger network",
    ),
    "class weights: the loss falls": (
        WEIGHTED,
        curve(falling(0.7, 0.3), falling(0.7, 0.3), [0.9] * 8, [0.9] * 8),
        "Still learning: the loss is falling. But accuracy cannot tell",
        "always naming the most frequent class gives 90 %",
        "Little left",
    ),
    "class weights: accuracy falls as the rare class is learned": (
        WEIGHTED,
        curve(LEVEL, LEVEL, [0.99, *[0.97] * 7], [0.99, 0.985, 0.98, *[0.96] * 5]),
        "Levelled off at 96 %",
        "validation images",
        "disagree",
    ),
    "class weights: overfitting": (
        WEIGHTED,
        curve(falling(1.0, 0.05), V_SHAPE, rising(0.6, 0.9), rising(0.6, 0.88)),
        "Memorising (overfitting) from epoch 5 on",
        "from 0.75 to 1.10",
        "confident",
    ),
    "59 % of two classes with 1,000 images": (
        TWO,
        curve(LEVEL, LEVEL, [0.6] * 8, [0.59] * 8),
        "Levelled off at 59 %",
        "about as good as on training images",
        "guessing",
    ),
    "52 % of two classes with 1,000 images": (
        TWO,
        curve(LEVEL, LEVEL, [0.51] * 8, [0.52] * 8),
        "Nothing learned yet: 52 % is what guessing gives (50 %)",
        "learning rate",
        "Levelled off",
    ),
    "overfitting": (
        TEN,
        curve([1.0, 0.8, 0.6, 0.4], [1.0, 0.90, 0.95, 1.20], [0.6, 0.7, 0.8, 0.9], [0.6, 0.65, 0.66, 0.65]),
        "Memorising (overfitting) from epoch 3 on",
        "from 0.90 to 1.20. More images, augmentation, or stopping after epoch 2",
        "confident",
    ),
    "overfitting near the top": (
        TEN,
        curve([0.1, 0.05, 0.02, 0.01], [0.05, 0.04, 0.06, 0.08], [0.98, 0.99, 1, 1], [0.98, 0.99, 0.99, 0.99]),
        "Memorising (overfitting)",
        "after epoch 2",
        "Little left",
    ),
    "the validation loss rises while accuracy climbs": (
        TEN,
        curve(falling(1.0, 0.05), V_SHAPE, rising(0.6, 0.99), [0.6, 0.66, 0.7, 0.72, 0.75, 0.77, 0.79, 0.80]),
        "Over-confident from epoch 5 on",
        "from 0.75 to 1.10, but more of them are right, 72 % then and 80 % now",
        "overfitting",
    ),
    "both losses rise": (
        TEN,
        curve([0.5, 0.4, 0.5, 0.6, 0.7], [0.6, 0.5, 0.6, 0.7, 0.8], [0.8] * 5, [0.8] * 5),
        "Levelled off",
        "80 %",
        "overfitting",
    ),
    "accuracy falls as the loss falls": (
        TEN,
        curve(falling(1.2, 0.5), falling(1.3, 0.9), rising(0.6, 0.8), [0.6, 0.74, 0.75, 0.73, 0.70, 0.68, 0.66, 0.65]),
        "The two curves disagree",
        "75 % after epoch 3 and 65 % now",
        "should help",
    ),
    "a spike that recovered": (
        TEN,
        curve([1.0, 0.8, 0.7, 3.0, 0.62, 0.6, 0.59, 0.58], SPIKE, [0.8] * 8, [0.8] * 8),
        "Levelled off at 80 %",
        "about as good",
        "overfitting",
    ),
    "a spike at the end": (
        TEN,
        curve(falling(1.0, 0.5), [1.0, 0.8, 0.7, 0.62, 0.6, 0.59, 0.58, 1.5], rising(0.6, 0.8), rising(0.6, 0.78)),
        "Levelled off",
        "78 %",
        "overfitting",
    ),
    "still learning": (
        TEN,
        curve([1.0, 0.8], [1.0, 0.85], [0.6, 0.7], [0.6, 0.7]),
        "Still learning",
        "More epochs should help.",
        "watch the gap",
    ),
    "still learning with a gap": (
        TEN,
        curve([1.0, 0.5], [1.0, 0.85], [0.6, 0.9], [0.6, 0.7]),
        "Still learning",
        "20 percentage points better on training images",
        "overfitting",
    ),
    "falling, but not in the very last epoch": (
        TEN,
        curve(falling(1.5, 0.5, 12), [*falling(1.5, 0.6, 11), 0.61], rising(0.5, 0.8, 12), rising(0.5, 0.78, 12)),
        "Still learning",
        "More epochs should help",
        "Levelled off",
    ),
    "two epochs that are much alike": (
        TEN,
        curve([0.80, 0.79], [0.80, 0.80], [0.7, 0.7], [0.7, 0.7]),
        "Two epochs are too few",
        "70 %",
        "Levelled off",
    ),
    "levelled off": (
        TEN,
        curve([0.7, 0.69, 0.69], [0.700, 0.695, 0.694], [0.7, 0.7, 0.72], [0.7, 0.7, 0.7]),
        "Levelled off at 70 % on validation images",
        "larger network",
        "overfitting",
    ),
    "levelled off with a gap": (
        TEN,
        curve([0.5, 0.4, 0.3], [0.700, 0.695, 0.694], [0.8, 0.85, 0.9], [0.7, 0.7, 0.7]),
        "Levelled off: 70 %",
        "20 percentage points less than on training images",
        "larger network",
    ),
    "far better on validation images, with dropout": (
        DROPOUT,
        curve(LEVEL, [0.8 * loss for loss in LEVEL], [0.6] * 8, [0.75] * 8),
        "Levelled off at 75 %",
        "dropout switches neurons off",
        "about as good as",
    ),
    "far better on validation images, with augmentation": (
        AUGMENTED,
        curve(falling(1.5, 0.9), falling(1.2, 0.6), rising(0.4, 0.65), rising(0.5, 0.8)),
        "Still learning",
        "augmentation makes the training images harder",
        "dropout",
    ),
    "far better on validation images, with both": (
        BOTH,
        curve(LEVEL, [0.8 * loss for loss in LEVEL], [0.6] * 8, [0.75] * 8),
        "Levelled off at 75 %",
        "dropout switches neurons off and augmentation makes the training images harder",
        "about as good as",
    ),
    "far better on validation images, for no known reason": (
        TEN,
        curve(LEVEL, [0.8 * loss for loss in LEVEL], [0.6] * 8, [0.75] * 8),
        "Levelled off at 75 % on validation images.",
        "75 %",
        "no mistake",
    ),
    "near the top, still falling": (
        TEN,
        curve([0.10, 0.04], [0.10, 0.05], [0.97, 0.99], [0.97, 0.99]),
        "Little left to learn: 99 % of the validation images are right.",
        "would you have known",
        "should help",
    ),
    "near the top, level": (
        TEN,
        curve([0.10, 0.04], [0.10, 0.10], [0.97, 0.99], [0.97, 0.99]),
        "Little left to learn: 99 % of the validation images are right.",
        "would you have known",
        "larger network",
    ),
    "all right": (
        TEN,
        curve([0.1, 0.05], [0.1, 0.05], [0.9, 1.0], [0.9, 1.0]),
        "Nothing left to learn here: every validation image is right",
        "images",
        "Still",
    ),
}


@pytest.mark.parametrize(("run", "epochs", "start", "said", "unsaid"), TABLE.values(), ids=TABLE)
def test_the_right_sentence_for_each_run(run, epochs, start, said, unsaid):
    diagnosis = diagnose_curves(epochs, run)
    assert diagnosis.startswith(start)
    assert said in diagnosis
    assert unsaid not in diagnosis


@pytest.mark.parametrize(
    "epochs", [curve([None], [1.0], [None], [0.1]), curve([1.0], [None], [0.3], [0.1]), curve([2.0, None], [1.0, None])]
)
def test_a_missing_loss_means_that_it_diverged(epochs):
    assert "diverged" in diagnose_curves(epochs, TEN)


def test_a_run_that_diverged_before_its_first_epoch_ended():
    assert "ten times smaller" in diagnose_curves([], TEN, diverged=True)


@pytest.mark.parametrize(
    ("accuracy", "start"),
    [
        (0.979, "Still learning"),
        (0.98, "Little left to learn: 98 %"),
        (0.9975, "Little left to learn: over 99 %"),
        (1.0, "Nothing left to learn here: every validation image is right"),
    ],
)
def test_where_the_top_begins(accuracy, start):
    assert diagnose_curves(curve([0.1, 0.05], [0.1, 0.05], [0.9, accuracy], [0.9, accuracy]), TEN).startswith(start)


def exact_binomial_tail(correct, images, share):
    """P(at least ``correct`` of ``images``), summed term by term."""
    return sum(math.comb(images, k) * share**k * (1 - share) ** (images - k) for k in range(correct, images + 1))


@pytest.mark.parametrize(("images", "share"), [(144, 0.1), (400, 0.9), (1000, 0.5)])
def test_guessing_ends_where_an_exact_binomial_test_says(images, share):
    first_better = next(k for k in range(images) if exact_binomial_tail(k, images, share) < 0.01)
    run = RunFacts(classes=2, guessing=share, held_out=images)
    for correct, guesses in ((first_better - 1, True), (first_better, False)):
        accuracy = correct / images
        diagnosis = diagnose_curves(curve(LEVEL, LEVEL, [accuracy] * 8, [accuracy] * 8), run)
        assert ("guessing" in diagnosis) == guesses


@pytest.mark.parametrize(
    ("losses", "val_losses", "expected"),
    [
        ([1.0, 0.9], [1.0, 1.5], None),  # a single rise is not a trend
        ([1.0, 0.9, 0.8], [1.0, 1.01, 1.02], None),  # less than 5 %
        ([1.0, 1.1, 1.2], [1.0, 1.2, 1.4], None),  # the training loss rises too, so it is not overfitting
        ([1.0, 0.9, 0.8], [1.0, 1.2, 1.4], 2),
        ([1.0, 0.9, 0.8, 0.7], [1.0, 0.8, 0.9, 0.79], None),  # it has recovered
    ],
)
def test_when_overfitting_starts(losses, val_losses, expected):
    assert overfitting_since(curve(losses, val_losses)) == expected


def test_still_learning_means_two_percent_below_the_previous_best():
    assert is_still_learning(curve([1.0, 0.9], [1.0, 0.97]))
    assert not is_still_learning(curve([1.0, 0.9], [1.0, 0.99]))
    assert not is_still_learning(curve([1.0, 0.9, 0.8], [0.9, 1.2, 0.89]))


RUNS = 1000


def noisy(loss, noise, random):
    """``RUNS`` copies of a loss curve, each epoch off by a normally distributed share of its loss."""
    return loss * (1 + noise * random.standard_normal((RUNS, len(loss))))


def share_called_overfitting(losses, val_losses):
    found = [
        overfitting_since(curve(*pair)) is not None for pair in zip(losses.tolist(), val_losses.tolist(), strict=True)
    ]
    return sum(found) / RUNS


def old_rule(losses, val_losses):
    """The rule until version 0.1: the last validation loss is 5 % above the lowest, two epochs or more before."""
    lowest = val_losses.index(min(val_losses))
    return len(losses) - lowest > 2 and val_losses[-1] >= 1.05 * val_losses[lowest] and losses[-1] < losses[lowest]


def plateaus(epochs, noise):
    """Noisy runs that level off, with and without noise on the training loss, which may go on falling."""
    random, n = np.random.default_rng(15), np.arange(1, epochs + 1)
    yield np.tile(0.4 + 1.2 * np.exp(-n / 3), (RUNS, 1)), noisy(0.6 + np.exp(-n / 3), noise, random)
    yield noisy((0.4 + 1.2 * np.exp(-n / 2)) * 0.99**n, noise, random), noisy(0.6 + np.exp(-n / 2), noise, random)


@pytest.mark.parametrize("epochs", [4, 8, 20, 40])
@pytest.mark.parametrize("noise", [0.02, 0.03, 0.05])
def test_a_noisy_plateau_is_hardly_ever_called_overfitting(noise, epochs):
    for runs in plateaus(epochs, noise):
        assert share_called_overfitting(*runs) <= 0.05


@pytest.mark.parametrize(("noise", "alarms"), [(0.02, 0.09), (0.03, 0.27), (0.05, 0.50)])
def test_the_simulation_is_the_one_in_which_the_old_rule_gave_false_alarms(noise, alarms):
    losses, val_losses = next(plateaus(20, noise))
    found = [old_rule(*pair) for pair in zip(losses.tolist(), val_losses.tolist(), strict=True)]
    assert sum(found) / RUNS == pytest.approx(alarms, abs=0.06)


@pytest.mark.parametrize("noise", [0.02, 0.03, 0.05])
def test_overfitting_is_found_under_noise(noise):
    random = np.random.default_rng(15)
    few = [1.0, 0.8, 0.6, 0.4], [1.0, 0.90, 0.95, 1.20]
    n = np.arange(20)
    many = 1.0 * 0.85**n, np.interp(n, [0, 6, 19], [1.0, 0.9, 1.2])
    for practised, held_out in (few, many):
        found = share_called_overfitting(
            noisy(np.array(practised), noise, random), noisy(np.array(held_out), noise, random)
        )
        assert found >= 0.95
