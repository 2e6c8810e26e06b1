import dataclasses
import json

import keras
import pytest

from cnn.data import catalog
from cnn.data.augmentation.settings import PRESETS as AUGMENTATIONS
from cnn.data.augmentation.settings import Augmentation
from cnn.errors import CnnError, ConfigError
from cnn.model.architectures import Architecture, Convolution, Dense, Flatten
from cnn.model.presets import PRESETS
from cnn.training.config import OPTIMIZERS, RECIPES, TrainConfig, recipe


@pytest.mark.parametrize("architecture", PRESETS)
@pytest.mark.parametrize("dataset", catalog.names())
def test_every_recipe_is_valid_and_survives_json(dataset, architecture):
    config = recipe(dataset, architecture)
    assert config.network.name == architecture
    assert (config.epochs, config.batch_size) == (RECIPES[architecture]["epochs"], RECIPES[architecture]["batch_size"])
    assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_a_custom_network_with_every_setting_changed_survives_json():
    config = TrainConfig(
        "cifar10",
        Architecture("own", (Convolution(4, batch_norm=True), Flatten(), Dense(8))),
        epochs=7,
        batch_size=9,
        optimizer="rmsprop",
        learning_rate=0.5,
        schedule="cosine",
        weight_decay=0.01,
        label_smoothing=0.1,
        mix_up=0.2,
        cut_mix=0.8,
        augmentation=Augmentation(zoom=0.2),
        training_images=10,
        seed=5,
        early_stopping=2,
        mixed_precision=True,
        class_weights=True,
        shuffled_labels=True,
        shuffled_pixels=True,
    )
    defaults = TrainConfig()
    assert all(getattr(config, f.name) != getattr(defaults, f.name) for f in dataclasses.fields(config))
    assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_preset_names_become_their_settings():
    config = TrainConfig("cifar10", "dense", augmentation="strong")
    assert config.input_shape == (32, 32, 3)
    assert config.network.layers[0] == Flatten()
    assert config.variation == AUGMENTATIONS["strong"]


def test_adamw_decays_as_in_keras_and_the_others_do_not():
    decays = {optimizer: TrainConfig(optimizer=optimizer).weight_decay for optimizer in OPTIMIZERS}
    assert decays == {"adam": 0.0, "adamw": keras.optimizers.AdamW().weight_decay, "sgd": 0.0, "rmsprop": 0.0}
    assert decays["adamw"] == 0.004
    assert TrainConfig(optimizer="adamw", weight_decay=0.0).weight_decay == 0.0
    assert recipe("digits", "resnet-small", optimizer="adamw").weight_decay == 0.005


def test_settings_stored_before_there_were_mixtures_mean_what_they_meant():
    stored = TrainConfig(optimizer="adamw").to_dict()
    for name in ("label_smoothing", "mix_up", "cut_mix"):
        del stored[name]
    config = TrainConfig.from_dict(stored | {"weight_decay": 0.0})
    assert config == TrainConfig(optimizer="adamw", weight_decay=0.0)
    del stored["weight_decay"]
    assert TrainConfig.from_dict(stored) == config


def test_changes_override_the_recipe():
    assert recipe("digits", "tutorial-bn", epochs=9).epochs == 9
    assert recipe("digits", "tutorial-bn", epochs=9).schedule == "one-cycle"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"dataset": "cifar11"}, "no data set called “cifar11”"),
        ({"architecture": "vgg"}, "no architecture called “vgg”"),
        ({"architecture": None}, "Start from a preset"),
        ({"augmentation": "wild"}, "no augmentation called “wild”"),
        ({"augmentation": None}, "Start from a preset"),
        ({"epochs": 0}, "Epochs: 0 is not possible; choose a whole number from 1 to 200"),
        ({"epochs": 2.5}, "Epochs: 2.5"),
        ({"epochs": True}, "Epochs: True"),
        ({"epochs": 201}, "Epochs: 201"),
        ({"batch_size": 0}, "Batch size: 0"),
        ({"batch_size": 1025}, "Batch size: 1025"),
        (
            {"architecture": Architecture("own", (Convolution(1024, padding="same"),)), "batch_size": 1000},
            "Choose a batch of at most 476, or fewer filters",
        ),
        ({"batch_size": 65, "training_images": 64}, "A batch of 65 is larger than the 64 training images"),
        ({"training_images": 0}, "Training images: 0"),
        ({"training_images": 1294}, "from 1 to 1,293"),
        ({"dataset": "cifar10", "training_images": 45_001}, "from 1 to 45,000"),
        ({"optimizer": "lion"}, "“lion” is not known; choose one of adam, adamw, sgd, rmsprop"),
        ({"schedule": "step"}, "“step” is not known"),
        ({"learning_rate": 0}, "Learning rate: 0"),
        ({"learning_rate": float("nan")}, "Learning rate: nan"),
        ({"learning_rate": float("inf")}, "Learning rate: inf"),
        ({"learning_rate": "0.1"}, "Learning rate: 0.1"),
        ({"learning_rate": True}, "Learning rate: True"),
        ({"weight_decay": -0.1}, "Weight decay: -0.1"),
        ({"label_smoothing": 0.6}, "Label smoothing: 0.6 is not possible; choose a number from 0 to 0.5"),
        ({"mix_up": 1.1}, "MixUp: 1.1"),
        ({"cut_mix": True}, "CutMix: True"),
        ({"seed": -1}, "Seed: -1"),
        ({"seed": 2**31}, "Seed: 2147483648"),
        ({"early_stopping": -1}, "Early stopping: -1"),
        ({"mixed_precision": "no"}, "Mixed precision: no"),
        ({"class_weights": "no"}, "Class weights: no"),
        ({"shuffled_labels": 1}, "Shuffled labels: 1"),
        ({"shuffled_pixels": None}, "Shuffled pixels: None"),
        ({"architecture": Architecture("own", (Convolution(4, size=15),) * 3)}, "Layer 3 (convolution)"),
    ],
)
def test_an_invalid_setting_is_explained_in_a_sentence(settings, sentence):
    with pytest.raises(CnnError) as error:
        TrainConfig(**settings)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    "stored",
    [
        {"colour": "red"},
        {"augmentation": {"flop": True}},
        {"augmentation": {"flip": "yes"}},
        {"augmentation": {"zoom": "much"}},
        {"architecture": {"name": "own"}},
        {"architecture": {"name": "own", "rescaling": "unit", "layers": [7]}},
        {"architecture": {"name": "own", "rescaling": "unit", "layers": [{"kind": "dropout", "rate": "half"}]}},
        {"dataset": ["digits"]},
        {"dataset": 7},
        ["digits"],
        "digits",
        None,
    ],
)
def test_damaged_settings_are_refused_without_a_crash(stored):
    with pytest.raises(CnnError):
        TrainConfig.from_dict(stored)


def test_a_recipe_for_an_unknown_preset_is_refused():
    with pytest.raises(ConfigError, match="Choose one of: tutorial"):
        recipe("digits", "vgg")
