"""The settings of a training run as controls: the few of Class, the rest in Lab. What is chosen is in the address."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st

from cnn.data import catalog
from cnn.data.augmentation import settings as augmentation_settings
from cnn.errors import ConfigError
from cnn.model.architectures import Architecture
from cnn.model.presets import PRESETS
from cnn.training.config import OPTIMIZERS, SCHEDULES, TrainConfig, recipe
from pages.shell import permalink, selection
from pages.shell.level import is_lab
from pages.shell.page_layout import notice
from pages.shell.terms import term

RATES = [0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.008, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0]
SWITCH = (False, True)


class Setting(NamedTuple):
    """What a link may say of a setting, what is recommended, and what a sentence about it calls it."""

    valid: Sequence[Any]
    best: Any
    thing: str


def training_settings() -> TrainConfig:
    """Show the controls; a change of network or data set brings the settings recommended for it.

    Raises:
        ConfigError: the settings are impossible together.
    """
    dataset, own = selection.dataset(), _own()
    networks = [*PRESETS, *(["own"] if own else [])]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = permalink.read("training.network", networks, networks[0], thing="network")
        network = st.selectbox(
            "Network",
            networks,
            key=key,
            persist_state="session",
            width=220,
            help=" ".join(f"**{name}**: {text}." for name, text in PRESETS.items()),
        )
        permalink.write("training.network", networks[0])
        chosen_network = own if own and network == "own" else network
        if chosen_network is own:
            permalink.write("training.layers", "")
        else:
            permalink.drop("training.layers")
        settings = _settings(recipe(dataset, chosen_network, **({"epochs": 5} if dataset == "digits" else {})))
        keys = _read(settings, (dataset, network))
        st.slider(
            "Passes over all training images · epochs",
            1,
            30,
            key=keys["epochs"],
            persist_state="session",
            width=320,
            help=term("epoch"),
        )
    if is_lab():
        _lab_controls(keys, settings)
    chosen = {}
    for name, setting in settings.items():
        if name == "epochs" or is_lab():
            permalink.write(f"training.set.{name}", setting.best)
            chosen[name] = st.session_state[keys[name]]
        else:
            permalink.drop(f"training.set.{name}")
    for sentence in permalink.take_problems():
        notice(sentence)
    return recipe(dataset, chosen_network, **_changes(chosen, settings["images"].best))


def _own() -> Architecture | None:
    """The network that the Architecture page, or a link, has handed over."""
    text = permalink.read_text("training.layers")
    try:
        return Architecture.from_text(text) if text else None
    except ConfigError as error:
        notice(str(error))
        permalink.write_text("training.layers", "")
        return None


def _settings(best: TrainConfig) -> dict[str, Setting]:
    """Every setting by its name in the address."""
    known, variations = catalog.info(best.dataset), augmentation_settings.PRESETS
    images = known.train - known.held_out
    varied = next((name for name, value in variations.items() if value == best.variation), "none")
    return {
        "epochs": Setting(range(1, 31), best.epochs, "number of epochs"),
        "batch": Setting(range(1, 1025), best.batch_size, "batch size"),
        "rate": Setting(RATES, best.learning_rate, "learning rate"),
        "optimizer": Setting(OPTIMIZERS, best.optimizer, "kind of optimiser"),
        "schedule": Setting(SCHEDULES, best.schedule, "schedule"),
        "images": Setting(range(1, images + 1), images, "number of training images"),
        "augmentation": Setting(list(variations), varied, "kind of augmentation"),
        "patience": Setting(range(201), best.early_stopping, "patience of early stopping"),
        "seed": Setting(range(2**31), best.seed, "seed"),
        "mixed": Setting(SWITCH, best.mixed_precision, "choice of precision"),
        "labels": Setting(SWITCH, best.shuffled_labels, "choice of shuffled labels"),
        "pixels": Setting(SWITCH, best.shuffled_pixels, "choice of shuffled pixels"),
    }


def _read(settings: Mapping[str, Setting], recommended_for: tuple[str, str]) -> dict[str, str]:
    """Settle every setting; what was chosen for another network or data set is forgotten. Gives the widgets' keys."""
    changed = st.session_state.get("training.recommended", recommended_for) != recommended_for
    st.session_state["training.recommended"] = recommended_for
    return {
        name: permalink.read(f"training.set.{name}", valid, best, thing=thing, forget=changed)
        for name, (valid, best, thing) in settings.items()
    }


def _lab_controls(keys: Mapping[str, str], settings: Mapping[str, Setting]) -> None:
    """Every other setting of a run."""

    def number(place: Any, label: str, name: str, **more: Any) -> None:
        valid = settings[name].valid
        place.number_input(label, valid[0], valid[-1], key=keys[name], persist_state="session", **more)

    def choice(place: Any, label: str, name: str) -> None:
        place.selectbox(label, settings[name].valid, key=keys[name], persist_state="session")

    one, two, three, four = st.columns(4)
    number(one, "Batch size", "batch", help=term("batch"))
    one.select_slider("Learning rate", RATES, key=keys["rate"], persist_state="session", help=term("learning rate"))
    choice(two, "Optimiser", "optimizer")
    choice(two, "Schedule", "schedule")
    number(three, "Training images", "images", step=100, help="Use only so many of them.")
    choice(three, "Augmentation", "augmentation")
    lower = "Epochs without a lower validation loss; 0: never."
    number(four, "Early stopping after", "patience", help=lower)
    number(four, "Seed", "seed", help="The same seed gives the same run.")
    with st.container(horizontal=True):
        st.toggle("Mixed precision", key=keys["mixed"], persist_state="session", help="Compute in bfloat16.")
        st.toggle("Experiment: shuffled labels", key=keys["labels"], persist_state="session")
        st.toggle("Experiment: shuffled pixels", key=keys["pixels"], persist_state="session")


def _changes(chosen: Mapping[str, Any], all_images: int) -> dict[str, Any]:
    """What was chosen, as ``TrainConfig`` names it."""
    names = {
        "batch": "batch_size",
        "rate": "learning_rate",
        "images": "training_images",
        "patience": "early_stopping",
        "mixed": "mixed_precision",
        "labels": "shuffled_labels",
        "pixels": "shuffled_pixels",
    }
    changes = {names.get(name, name): value for name, value in chosen.items()}
    if changes.get("training_images") == all_images:
        changes["training_images"] = None
    return changes
