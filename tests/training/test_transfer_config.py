from dataclasses import replace

import pytest

from cnn.errors import ConfigError
from cnn.model import store
from cnn.training.transfer_config import TRANSFER_RECIPES, TransferConfig, config_of

CONFIG = TransferConfig("digits", "built-in", head_epochs=3, tuned_layers=8, tuning_epochs=2, tuning_rate=1e-4)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"base": "vgg"}, "There is no base called “vgg”"),
        ({"head_epochs": 0}, "Epochs of the head: 0 is not possible"),
        ({"tuned_layers": 36}, "Layers to fine-tune: 36 is not possible; choose a whole number from 0 to 35"),
        ({"tuning_rate": 3}, "Rate of fine-tuning: 3 is not possible"),
        ({"optimizer": "sgd"}, "Optimiser: “sgd” is not known; choose one of adam, rmsprop"),
        ({"augmentation": "strong"}, "The augmentation must be given in full"),
    ],
)
def test_invalid_settings_are_refused(change, sentence) -> None:
    with pytest.raises(ConfigError, match=sentence):
        replace(CONFIG, **change)


def test_a_configuration_survives_json_and_is_told_from_the_other_kind() -> None:
    assert config_of(CONFIG.to_dict()) == CONFIG
    assert type(config_of(store.card("digits-tutorial").config)).__name__ == "TrainConfig"
    with pytest.raises(ConfigError, match="not settings of transfer learning"):
        config_of({"base": "built-in", "dataset": "digits", "wings": 2})


def test_a_run_of_before_there_was_a_choice_learned_with_adam() -> None:
    stored = CONFIG.to_dict()
    del stored["optimizer"]
    assert TransferConfig.from_dict(stored) == CONFIG
    assert CONFIG.optimizer == "adam"


def test_the_tutorials_recipe_is_the_tutorials() -> None:
    config = TransferConfig("cats_vs_dogs", **TRANSFER_RECIPES["tutorial"])
    assert (config.base, config.input_shape, config.tuned_layers) == ("mobilenet_v2", (160, 160, 3), 0)
    assert (config.optimizer, config.learning_rate, config.epochs, config.batch_size) == ("rmsprop", 1e-4, 3, 32)
    assert not config.augmentation.any()
    assert TransferConfig("cats_vs_dogs", **TRANSFER_RECIPES["app"]) == TransferConfig("cats_vs_dogs")
