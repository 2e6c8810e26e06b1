"""Controls for the settings of transfer learning."""

from typing import Any

import streamlit as st

from cnn.data import catalog
from cnn.data.augmentation import settings as augmentation_settings
from cnn.data.class_balance import is_unbalanced
from cnn.model.pretrained_bases import BASES, Base, has_weights
from cnn.pretrained.transfer_results import DATASET
from cnn.training.transfer_config import TRANSFER_OPTIMIZERS, TRANSFER_RECIPES, TransferConfig
from pages.lessons.transfer_learning import ladder
from pages.shell.level import is_lab
from pages.shell.page_layout import prose
from pages.widgets import linked_inputs
from pages.widgets.scores.class_balance import show_imbalance

RECIPES = {"app": "this app's: Adam, 0.001", "tutorial": "a cautious one: RMSprop, 0.0001"}
RECIPE_HELP = "Sets optimiser, learning rate and epochs of the head; the level Lab shows them."
RECIPE_KEYS = {
    "optimizer": "transfer.optimizer",
    "learning_rate": "transfer.head_rate",
    "head_epochs": "transfer.head",
}
HEAD_RATES = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2]
RATES = [1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3]


def transfer_settings(dataset: str, base: Base) -> TransferConfig:
    """Show the controls, at the level Class only the recipe and the tuned layers; gives the chosen settings.

    Raises:
        ConfigError: the settings are impossible together.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        recipe = linked_inputs.choice(
            "transfer.recipe", "Recipe", RECIPES, width=300, on_change=_follow_recipe, help=RECIPE_HELP
        )
        tuned_layers = ladder.choose_rung(base.name)
    settings: dict[str, Any] = {**TRANSFER_RECIPES[recipe], "tuned_layers": tuned_layers}
    unbalanced = catalog.info(dataset).own and is_unbalanced(dataset)
    other_dataset = st.session_state.get("transfer.class_weights_for", dataset) != dataset
    st.session_state["transfer.class_weights_for"] = dataset
    settings["class_weights"] = unbalanced
    if is_lab():
        settings |= _lab_settings(recipe)
        settings["class_weights"] = linked_inputs.switch(
            "transfer.class_weights", "Class weights", unbalanced, forget=other_dataset
        )
    dataset_info = catalog.info(dataset)
    images = dataset_info.train - dataset_info.held_out
    show_imbalance(dataset, class_weights=settings["class_weights"], key="transfer.imbalance")
    config = TransferConfig(dataset, base.name, batch_size=min(32, max(1, images // 4)), **settings)
    if recipe == "tutorial":
        prose(describe_cautious_recipe(config), key="transfer.recipe_note")
    return config


def _follow_recipe() -> None:
    """Set the controls to the recipe that was just chosen: the cautious one is a head alone, on MobileNetV2."""
    recipe = st.session_state["transfer.recipe"]
    advised = _advised(recipe)
    for name, key in RECIPE_KEYS.items():
        st.session_state[key] = getattr(advised, name)
    if recipe == "tutorial":
        st.session_state["transfer.layers"] = "0"
        if has_weights("mobilenet_v2"):
            st.session_state["transfer.base"] = "mobilenet_v2"


def _advised(recipe: str) -> TransferConfig:
    """A recipe, on the base and the images that it was written for."""
    return TransferConfig(DATASET, **TRANSFER_RECIPES[recipe])


def _lab_settings(recipe: str) -> dict[str, Any]:
    """The controls of the level Lab but for class weights, which begin with what the recipe says."""
    advised = _advised(recipe)
    settings: dict[str, Any] = {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        settings["head_epochs"] = linked_inputs.whole(
            "transfer.head", "Epochs of the head", range(1, 51), advised.head_epochs, width=150
        )
        names = [advised.optimizer, *(name for name in TRANSFER_OPTIMIZERS if name != advised.optimizer)]
        settings["optimizer"] = linked_inputs.choice(
            "transfer.optimizer", "Optimiser", {name: name for name in names}, width=130
        )
        settings["learning_rate"] = linked_inputs.step(
            "transfer.head_rate", "Learning rate of the head", HEAD_RATES, advised.learning_rate, width=190
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        settings["tuning_epochs"] = linked_inputs.whole(
            "transfer.tuning", "Epochs of fine-tuning", range(1, 31), advised.tuning_epochs, width=160
        )
        settings["tuning_rate"] = linked_inputs.step(
            "transfer.rate", "Its learning rate", RATES, advised.tuning_rate, width=150
        )
        presets = {name: name for name in augmentation_settings.PRESETS}
        preset = linked_inputs.choice("transfer.augmentation", "Augmentation in it", presets, width=180)
        settings["augmentation"] = augmentation_settings.PRESETS[preset]
        settings["seed"] = linked_inputs.whole("transfer.seed", "Seed", range(1000), 0, width=110)
    return settings


def describe_cautious_recipe(config: TransferConfig) -> str:
    """In words: what the cautious recipe does, and what of it is different here."""
    tutorial = _advised("tutorial")
    text = (
        f"**The cautious recipe**: a frozen {BASES[tutorial.base].title}, a head for cats and dogs on it, RMSprop "
        f"with a learning rate of {tutorial.learning_rate:g}, {tutorial.head_epochs} epochs in batches of "
        f"{tutorial.batch_size}, and the {_loss(tutorial)} of logits as loss. Nothing is fine-tuned."
    )
    changed = [
        f"{noun} {now}"
        for noun, now, then in (
            ("the base is", BASES[config.base].title, BASES[tutorial.base].title),
            ("the images are", catalog.info(config.dataset).title, catalog.info(tutorial.dataset).title),
            ("the optimiser is", config.optimizer, tutorial.optimizer),
            ("the learning rate is", f"{config.learning_rate:g}", f"{tutorial.learning_rate:g}"),
            ("the epochs of the head are", config.head_epochs, tutorial.head_epochs),
            ("the size of a batch is", config.batch_size, tutorial.batch_size),
            ("the loss is", _loss(config), _loss(tutorial)),
            ("the tuned layers are", config.tuned_layers, tutorial.tuned_layers),
        )
        if now != then
    ]
    return f"{text} Different here: {'; '.join(changed)}." if changed else text


def _loss(config: TransferConfig) -> str:
    return f"{'binary' if len(catalog.info(config.dataset).class_names) == 2 else 'categorical'} cross-entropy"
