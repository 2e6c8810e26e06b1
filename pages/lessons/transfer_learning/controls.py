"""Controls for the settings of transfer learning."""

from typing import Any

import streamlit as st

from cnn.data import catalog
from cnn.data.augmentation import settings as augmentation_settings
from cnn.data.class_balance import is_unbalanced
from cnn.model.pretrained_bases import Base
from cnn.training.transfer_config import TransferConfig
from pages.lessons.transfer_learning import ladder
from pages.shell.level import is_lab
from pages.widgets import linked_inputs
from pages.widgets.scores.class_balance import show_imbalance

RATES = [1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3]


def transfer_settings(dataset: str, base: Base) -> TransferConfig:
    """Show the controls, at the level Class only the tuned layers; gives the chosen settings.

    Raises:
        ConfigError: the settings are impossible together.
    """
    unbalanced = catalog.info(dataset).own and is_unbalanced(dataset)
    other_dataset = st.session_state.get("transfer.class_weights_for", dataset) != dataset
    st.session_state["transfer.class_weights_for"] = dataset
    settings: dict[str, Any] = {"tuned_layers": ladder.choose_rung(base.name), "class_weights": unbalanced}
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
            settings["class_weights"] = linked_inputs.switch(
                "transfer.class_weights", "Class weights", unbalanced, forget=other_dataset
            )
    dataset_info = catalog.info(dataset)
    images = dataset_info.train - dataset_info.held_out
    show_imbalance(dataset, class_weights=settings["class_weights"], key="transfer.imbalance")
    return TransferConfig(dataset, base.name, batch_size=min(32, max(1, images // 4)), **settings)
