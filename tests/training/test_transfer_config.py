from dataclasses import replace

import pytest

from cnn.errors import ConfigError
from cnn.model import store
from cnn.training.transfer_config import TransferConfig, config_of

CONFIG = TransferConfig("digits", "built-in", head_epochs=3, tuned_layers=8, tuning_epochs=2, tuning_rate=1e-4)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"base": "vgg"}, "There is no base called “vgg”"),
        ({"head_epochs": 0}, "Epochs of the head: 0 is not possible"),
        ({"tuned_layers": 36}, "Layers to fine-tune: 36 is not possible; choose a whole number from 0 to 35"),
        ({"tuning_rate": 3}, "Rate of fine-tuning: 3 is not possible"),
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
