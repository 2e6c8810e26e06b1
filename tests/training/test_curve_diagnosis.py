import pytest

from cnn.training.curve_diagnosis import diagnose_curves, is_still_learning, overfitting_since


def curve(losses, val_losses, accuracies=None, val_accuracies=None):
    accuracies, val_accuracies = accuracies or [0.8] * len(losses), val_accuracies or [0.8] * len(losses)
    rows = zip(losses, val_losses, accuracies, val_accuracies, strict=True)
    return [
        {"epoch": n, "loss": loss, "val_loss": val_loss, "accuracy": accuracy, "val_accuracy": val_accuracy}
        for n, (loss, val_loss, accuracy, val_accuracy) in enumerate(rows, 1)
    ]


def test_before_the_first_epoch():
    assert diagnose_curves([], classes=10).startswith("No whole epoch yet")


@pytest.mark.parametrize(
    "epochs", [curve([None], [1.0], [None], [0.1]), curve([1.0], [None], [0.3], [0.1]), curve([2.0, None], [1.0, None])]
)
def test_a_missing_loss_means_that_it_diverged(epochs):
    assert "diverged" in diagnose_curves(epochs, classes=10)


def test_a_run_that_diverged_before_its_first_epoch_ended():
    assert "ten times smaller" in diagnose_curves([], classes=10, diverged=True)


def test_random_labels_are_compared_with_guessing():
    diagnosis = diagnose_curves(curve([0.1], [9.0], [0.99], [0.1]), classes=10, random_labels=True)
    assert "99 % of the images it practises on" in diagnosis
    assert "10 % of new ones; guessing gives 10 %" in diagnosis


def test_a_network_no_better_than_guessing_has_learned_nothing():
    epochs = curve([2.31, 2.30], [2.31, 2.30], [0.10, 0.11], [0.1, 0.12])
    assert diagnose_curves(epochs, classes=10).startswith("Nothing learned yet: 12 % is what guessing gives (10 %)")


def test_guessing_after_one_epoch_is_not_held_against_it():
    assert diagnose_curves(curve([2.3], [2.3], [0.1], [0.1]), classes=10).startswith("Still learning")


def test_overfitting_names_the_epoch_and_the_losses():
    epochs = curve([1.0, 0.8, 0.6, 0.4], [1.0, 0.90, 0.95, 1.20], [0.6, 0.7, 0.8, 0.9], [0.6, 0.65, 0.66, 0.65])
    diagnosis = diagnose_curves(epochs, classes=10)
    assert diagnosis.startswith("Learning by heart (overfitting) from epoch 3 on")
    assert "from 0.90 to 1.20" in diagnosis
    assert "after epoch 2" in diagnosis


def test_still_learning_mentions_a_large_gap():
    small = curve([1.0, 0.8], [1.0, 0.85], [0.6, 0.7], [0.6, 0.7])
    large = curve([1.0, 0.5], [1.0, 0.85], [0.6, 0.9], [0.6, 0.7])
    assert diagnose_curves(small, classes=10).endswith("More epochs should help.")
    assert "20 percentage points better on images it has practised" in diagnose_curves(large, classes=10)


@pytest.mark.parametrize("val_losses", [[0.10, 0.05], [0.10, 0.10]], ids=["still falling", "level"])
def test_near_the_top_more_epochs_are_not_recommended(val_losses):
    diagnosis = diagnose_curves(curve([0.10, 0.04], val_losses, [0.97, 0.99], [0.97, 0.99]), classes=10)
    assert diagnosis.startswith("Little left to learn: 99 % of the held-out images are right.")
    assert "should help" not in diagnosis
    assert "larger network" not in diagnosis


@pytest.mark.parametrize(
    ("accuracy", "start"),
    [
        (0.979, "Still learning"),
        (0.98, "Little left to learn: 98 %"),
        (0.9975, "Little left to learn: over 99 %"),
        (1.0, "Nothing left to learn here: every held-out image is right"),
    ],
)
def test_where_the_top_begins(accuracy, start):
    assert diagnose_curves(curve([0.1, 0.05], [0.1, 0.05], [0.9, accuracy], [0.9, accuracy]), classes=10).startswith(
        start
    )


def test_overfitting_is_diagnosed_near_the_top_too():
    epochs = curve([0.1, 0.05, 0.02, 0.01], [0.05, 0.04, 0.06, 0.08], [0.98, 0.99, 1, 1], [0.98, 0.99, 0.99, 0.99])
    assert diagnose_curves(epochs, classes=10).startswith("Learning by heart (overfitting)")


def test_levelled_off_with_and_without_a_gap():
    level = curve([0.5, 0.4, 0.3], [0.700, 0.695, 0.694], [0.8, 0.85, 0.9], [0.7, 0.7, 0.7])
    even = curve([0.7, 0.69, 0.69], [0.700, 0.695, 0.694], [0.7, 0.7, 0.72], [0.7, 0.7, 0.7])
    assert "20 percentage points below the practised ones" in diagnose_curves(level, classes=10)
    assert diagnose_curves(even, classes=10).startswith("Levelled off at 70 % on held-out images")


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
    assert is_still_learning(curve([1.0], [1.0]))
    assert is_still_learning(curve([1.0, 0.9], [1.0, 0.97]))
    assert not is_still_learning(curve([1.0, 0.9], [1.0, 0.99]))
    assert not is_still_learning(curve([1.0, 0.9, 0.8], [0.9, 1.2, 0.89]))
