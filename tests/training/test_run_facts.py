"""What is known of a run besides its curves."""

import numpy as np

from cnn.data import catalog
from cnn.data.augmentation.settings import PRESETS
from cnn.model.architectures import Architecture, Dense, Dropout, Flatten
from cnn.training.config import TrainConfig
from cnn.training.curves.run_facts import run_facts
from cnn.training.transfer_config import TransferConfig


def test_guessing_is_the_share_of_the_most_frequent_held_out_digit(digits) -> None:
    facts = run_facts(TrainConfig("digits"))
    labels = catalog.load("digits", "validation").labels
    assert facts.guessing == np.unique(labels, return_counts=True)[1].max() / 144
    assert (facts.classes, facts.held_out) == (10, 144)
    assert run_facts(TrainConfig("digits"), 100).held_out == 100


def test_dropout_and_augmentation_are_those_of_the_settings() -> None:
    dropping = Architecture("own", (Flatten(), Dropout(0.3), Dense(8)))
    plain = Architecture("own", (Flatten(), Dense(8)))
    configs = {
        (False, False): TrainConfig(architecture=plain),
        (True, False): TrainConfig(architecture=dropping),
        (True, True): TrainConfig(architecture=dropping, augmentation="strong"),
    }
    for expected, config in configs.items():
        assert (run_facts(config).dropout, run_facts(config).augmented) == expected
    # Only fine-tuning varies images; the head alone learns from them as they are.
    for tuned_layers in (0, 8):
        config = TransferConfig("digits", "built-in", tuned_layers=tuned_layers, augmentation=PRESETS["strong"])
        assert run_facts(config).augmented == (tuned_layers > 0)
    assert run_facts(TransferConfig("digits", "built-in", class_weights=True)).class_weights
