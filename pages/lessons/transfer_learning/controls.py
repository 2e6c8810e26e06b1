"""Controls for the settings of transfer learning."""

from typing import Any

import streamlit as st

from cnn.data import catalog
from cnn.data.augmentation import settings as augmentation_settings
from cnn.model.pretrained_bases import Base
from cnn.training.transfer_config import TransferConfig
from pages.lessons.transfer_learning import ladder
from pages.shell.level import is_lab
from pages.widgets import linked_inputs

RATES = [1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3]


def transfer_settings(dataset: str, base: Base) -> TransferConfig:
    """Show the controls, at the level Class only the tuned layers; gives the chosen settings.

    Raises:
        ConfigError: the settings are impossible together.
    """
    settings: dict[str, Any] = {"tuned_layers": ladder.choose_rung(base.name)}
    if is_lab():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            settings["head_epochs"] = linked_inputs.whole(
                "transfer.head", "Epochs of the head", range(1, 51), 10, width=150
            )
            settings["tuning_epochs"] = linked_inputs.whole(
                "transfer.tuning", "Epochs of fine-tuning", range(1, 31), 3, width=160
            )
            settings["tuning_rate"] = linked_inputs.step("transfer.rate", "Its learning rate", RATES, 1e-5, width=150)
            names = {name: name for name in augmentation_settings.PRESETS}
            preset = linked_inputs.choice("transfer.augmentation", "Augmentation in it", names, width=180)
            settings["augmentation"] = augmentation_settings.PRESETS[preset]
            settings["seed"] = linked_inputs.whole("transfer.seed", "Seed", range(1000), 0, width=110)
    dataset_info = catalog.info(dataset)
    images = dataset_info.train - dataset_info.held_out
    return TransferConfig(dataset, base.name, batch_size=min(32, max(1, images // 4)), **settings)
