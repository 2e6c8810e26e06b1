"""The controls of a training run: a few at Class level, the rest in Lab. Choices are stored in the address."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.data import catalog
from cnn.data.augmentation import settings as augmentation_settings
from cnn.errors import ConfigError
from cnn.model.architectures import Architecture
from cnn.model.presets import PRESETS, describe_presets, network_title
from cnn.training.config import OPTIMIZERS, SCHEDULES, TrainConfig, recipe
from pages.shell import permalink, selection
from pages.shell.level import is_lab
from pages.shell.page_layout import plain_notice, show_link_problems
from pages.shell.terms import term

RATES = [0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.008, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0]
DECAYS = [0.0, 0.0001, 0.0005, 0.001, 0.004, 0.005, 0.01, 0.05, 0.1]
SMOOTHINGS = [0.0, 0.05, 0.1, 0.2, 0.3, 0.5]
MIXINGS = [0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0]
SWITCH = (False, True)
CLASS_WEIGHTS = "Every class counts the same in the loss, however many images it has."


class Setting(NamedTuple):
    """A setting's valid values, its recommended value, and the noun that messages use for it."""

    valid: Sequence[Any]
    recommended: Any
    noun: str


def choose_training_settings() -> TrainConfig:
    """Show the controls; another network or data set resets them to the settings recommended for it.

    Raises:
        ConfigError: the settings are impossible together.
    """
    dataset = selection.dataset()
    with st.container(horizontal=True, vertical_alignment="bottom", key="training.controls"):
        network, architecture = _choose_network()
        defaults = recipe(dataset, architecture, **({"epochs": 5} if dataset == "digits" else {}))
        settings = _list_settings(defaults)
        keys = _read_settings(settings, "recommended", (dataset, network))
        # AdamW has a weight decay of its own, so the recommended one follows the chosen optimiser.
        optimizer = str(st.session_state[keys["optimizer"]])
        settings["decay"] = _decay_setting(recipe(dataset, architecture, optimizer=optimizer))
        keys |= _read_settings({"decay": settings["decay"]}, "decay_for", (dataset, network, optimizer))
        st.slider(
            "Epochs (passes over the training images)",
            1,
            30,
            key=keys["epochs"],
            persist_state="session",
            width=320,
            help=term("epoch"),
        )
    if is_lab():
        _show_lab_controls(keys, settings)
    chosen = {}
    for name, setting in settings.items():
        if name == "epochs" or is_lab():
            permalink.write(f"training.set.{name}", setting.recommended)
            chosen[name] = st.session_state[keys[name]]
        else:
            permalink.drop(f"training.set.{name}")
    show_link_problems("training")
    return recipe(dataset, architecture, **_config_arguments(chosen, settings["images"].recommended))


def _choose_network() -> tuple[str, Architecture | str]:
    """Choose a preset, or the visitor's own network where the address holds one.

    Returns:
        The chosen name, and what ``recipe`` takes for it.
    """
    own_network = _read_own_network()
    networks = [*PRESETS, *(["own"] if own_network else [])]
    key = permalink.read("training.network", networks, networks[0], label="network", title=network_title)
    network = st.selectbox(
        "Network",
        networks,
        key=key,
        persist_state="session",
        width=320,
        format_func=network_title,
        help=describe_presets(),
    )
    permalink.write("training.network", networks[0])
    if own_network and network == "own":
        permalink.write("training.layers", "")
        return network, own_network
    permalink.drop("training.layers")
    return network, network


def _read_own_network() -> Architecture | None:
    """The network that a link, for example the Architecture page's, put into the address."""
    text = permalink.read_text("training.layers")
    try:
        return Architecture.from_text(text) if text else None
    except ConfigError as error:
        plain_notice(error)
        permalink.write_text("training.layers", "")
        return None


def _list_settings(recommended: TrainConfig) -> dict[str, Setting]:
    """Every setting, by its name in the address."""
    dataset_info, augmentations = catalog.info(recommended.dataset), augmentation_settings.PRESETS
    images = dataset_info.train - dataset_info.held_out
    augmentation = next((name for name, value in augmentations.items() if value == recommended.variation), "none")
    return {
        "epochs": Setting(range(1, 31), recommended.epochs, "number of epochs"),
        "batch": Setting(range(1, 1025), recommended.batch_size, "batch size"),
        "rate": Setting(RATES, recommended.learning_rate, "learning rate"),
        "optimizer": Setting(OPTIMIZERS, recommended.optimizer, "kind of optimiser"),
        "smoothing": Setting(SMOOTHINGS, recommended.label_smoothing, "label smoothing"),
        "mixup": Setting(MIXINGS, recommended.mix_up, "strength of MixUp"),
        "cutmix": Setting(MIXINGS, recommended.cut_mix, "strength of CutMix"),
        "schedule": Setting(SCHEDULES, recommended.schedule, "schedule"),
        "images": Setting(range(1, images + 1), images, "number of training images"),
        "augmentation": Setting(list(augmentations), augmentation, "kind of augmentation"),
        "patience": Setting(range(201), recommended.early_stopping, "patience of early stopping"),
        "seed": Setting(range(2**31), recommended.seed, "seed"),
        "mixed": Setting(SWITCH, recommended.mixed_precision, "choice of precision"),
        "weights": Setting(SWITCH, recommended.class_weights, "choice of class weights"),
        "labels": Setting(SWITCH, recommended.shuffled_labels, "choice of shuffled labels"),
        "pixels": Setting(SWITCH, recommended.shuffled_pixels, "choice of shuffled pixels"),
    }


def _decay_setting(recommended: TrainConfig) -> Setting:
    return Setting(DECAYS, recommended.weight_decay, "weight decay")


def _read_settings(settings: Mapping[str, Setting], memory: str, recommended_for: tuple[str, ...]) -> dict[str, str]:
    """Read every setting from the address or the session.

    Args:
        settings: by name.
        memory: the name under which the session keeps ``recommended_for``.
        recommended_for: data set, network and perhaps optimiser; a change of any discards what was chosen before.

    Returns:
        The widget key of every setting.
    """
    changed = st.session_state.get(f"training.{memory}", recommended_for) != recommended_for
    st.session_state[f"training.{memory}"] = recommended_for
    return {
        name: permalink.read(f"training.set.{name}", valid, recommended, label=noun, forget=changed)
        for name, (valid, recommended, noun) in settings.items()
    }


def _show_lab_controls(keys: Mapping[str, str], settings: Mapping[str, Setting]) -> None:
    """Show the controls of all settings but the epochs."""

    def number_input(column: DeltaGenerator, label: str, name: str, **options: Any) -> None:
        valid = settings[name].valid
        column.number_input(label, valid[0], valid[-1], key=keys[name], persist_state="session", **options)

    def selectbox(column: DeltaGenerator, label: str, name: str, help: str | None = None) -> None:
        column.selectbox(label, settings[name].valid, key=keys[name], persist_state="session", help=help)

    first, second, third, fourth = st.columns(4)
    number_input(first, "Batch size", "batch", help=term("batch"))
    first.select_slider("Learning rate", RATES, key=keys["rate"], persist_state="session", help=term("learning rate"))
    selectbox(second, "Optimiser", "optimizer")
    selectbox(second, "Schedule", "schedule")
    number_input(third, "Training images", "images", step=100, help="Use only so many of them.")
    selectbox(third, "Augmentation", "augmentation")
    help_text = "Epochs without a lower validation loss; 0: never."
    number_input(fourth, "Early stopping after", "patience", help=help_text)
    number_input(fourth, "Seed", "seed", help="The same seed gives the same run.")
    selectbox(first, "Weight decay", "decay", term("weight decay"))
    selectbox(second, "Label smoothing", "smoothing", term("label smoothing"))
    selectbox(third, "MixUp", "mixup", term("MixUp"))
    selectbox(fourth, "CutMix", "cutmix", term("CutMix"))
    with st.container(horizontal=True):
        st.toggle("Mixed precision", key=keys["mixed"], persist_state="session", help="Compute in bfloat16.")
        st.toggle("Class weights", key=keys["weights"], persist_state="session", help=CLASS_WEIGHTS)
        st.toggle("Experiment: shuffled labels", key=keys["labels"], persist_state="session")
        st.toggle("Experiment: shuffled pixels", key=keys["pixels"], persist_state="session")


def _config_arguments(chosen: Mapping[str, Any], available_images: int) -> dict[str, Any]:
    """The chosen settings as arguments of ``TrainConfig``."""
    names = {
        "batch": "batch_size",
        "rate": "learning_rate",
        "decay": "weight_decay",
        "smoothing": "label_smoothing",
        "mixup": "mix_up",
        "cutmix": "cut_mix",
        "images": "training_images",
        "patience": "early_stopping",
        "mixed": "mixed_precision",
        "weights": "class_weights",
        "labels": "shuffled_labels",
        "pixels": "shuffled_pixels",
    }
    arguments = {names.get(name, name): value for name, value in chosen.items()}
    if arguments.get("training_images") == available_images:
        arguments["training_images"] = None
    return arguments
