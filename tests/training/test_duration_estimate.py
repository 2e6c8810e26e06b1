import json

import pytest

from cnn.jobs import queue
from cnn.jobs.record import write_status
from cnn.training import duration_estimate
from cnn.training.config import TrainConfig

# Multiply-adds of the tutorial's network on 32 x 32 x 1, by hand: three convolutions, two dense layers.
TUTORIAL = 30 * 30 * 9 * 32 + 13 * 13 * 9 * 32 * 64 + 4 * 4 * 9 * 64 * 64 + 1024 * 64 + 64 * 10
DIGITS = {"train": 1293, "validation": 144, "test": 360}


def work(epochs, train=DIGITS["train"]):
    return (TUTORIAL + 10e6) * (epochs * (3 * train + DIGITS["validation"]) + DIGITS["test"])


def finished_run(config, seconds, epochs=None, state="finished"):
    id = queue.submit("train", config.to_dict(), workspace=f"w{seconds}", name="run")
    folder = queue.read(id).folder
    card = {"config": config.to_dict(), "seconds": seconds, "epochs": epochs or config.epochs}
    (folder / "card.json").write_text(json.dumps(card))
    write_status(folder, state, attempt=1)
    return folder


@pytest.mark.parametrize("config", [TrainConfig(epochs=5), TrainConfig(epochs=2, training_images=100)])
def test_without_finished_runs_it_comes_from_arithmetic(config):
    expected = 2 + work(config.epochs, config.training_images or DIGITS["train"]) / 95e9
    assert duration_estimate.seconds(config) == pytest.approx(expected)


def test_it_comes_from_the_median_of_runs_of_the_same_network():
    config = TrainConfig(epochs=5)
    for seconds in (14.0, 24.0, 104.0):
        finished_run(config, seconds)
    finished_run(TrainConfig(architecture="dense"), 5000.0)
    assert duration_estimate.seconds(config) == pytest.approx(24)
    assert duration_estimate.seconds(TrainConfig(epochs=10)) == pytest.approx(2 + 22 * work(10) / work(5))


def test_runs_of_another_network_are_better_than_none():
    finished_run(TrainConfig(epochs=5), 104.0)
    config = TrainConfig("shapes")
    assert duration_estimate.seconds(config) > 10 * (work(5) / 95e9 + 2)


def test_epochs_skipped_by_early_stopping_do_not_count():
    finished_run(TrainConfig(epochs=50, early_stopping=2), 14.0, epochs=5)
    assert duration_estimate.seconds(TrainConfig(epochs=5)) == pytest.approx(14)


def test_unfinished_runs_do_not_count():
    finished_run(TrainConfig(epochs=5), 1000.0, state="stopped")
    assert duration_estimate.seconds(TrainConfig(epochs=5)) == pytest.approx(2 + work(5) / 95e9)


@pytest.mark.parametrize(
    "card",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"config": null, "seconds": 1, "epochs": 1}',
        '{"config": {"dataset": "cifar11"}, "seconds": 1, "epochs": 1}',
        '{"config": {"epochs": 0}, "seconds": 1, "epochs": 1}',
        '{"config": {}, "seconds": "long", "epochs": 1}',
        '{"config": {}, "seconds": NaN, "epochs": 1}',
        '{"config": {}, "seconds": 1e999, "epochs": 1}',
        '{"config": {}, "seconds": 5, "epochs": -1}',
    ],
)
def test_a_damaged_card_is_skipped(card):
    (finished_run(TrainConfig(epochs=5), 24.0) / "card.json").write_text(card)
    assert duration_estimate.seconds(TrainConfig(epochs=5)) == pytest.approx(2 + work(5) / 95e9)


def test_a_missing_card_is_skipped():
    (finished_run(TrainConfig(epochs=5), 24.0) / "card.json").unlink()
    finished_run(TrainConfig(epochs=5), 34.0)
    assert duration_estimate.seconds(TrainConfig(epochs=5)) == pytest.approx(34)


def test_rand_augment_takes_the_time_of_its_changes(cnn_home):
    plain, varied = (TrainConfig("cifar10", epochs=3, augmentation=name) for name in ("none", "rand-augment"))
    # 45,000 images of 3,072 numbers, three times, at 0.4 microseconds a number.
    more = duration_estimate.seconds(varied) - duration_estimate.seconds(plain)
    assert more == pytest.approx(3 * 45_000 * 3_072 * 0.4e-6, rel=0.1)
