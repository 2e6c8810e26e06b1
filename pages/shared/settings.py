"""The settings of a training run as controls: the few of Class, the rest in Lab."""

from typing import Any

import streamlit as st

from cnn.data import augmentation, catalog
from cnn.model.presets import PRESETS
from cnn.training.config import OPTIMIZERS, SCHEDULES, TrainConfig, recipe
from pages.shared import focus
from pages.shared.glossary import term
from pages.shared.level import is_lab

RATES = [0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.008, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0]


def training_settings() -> TrainConfig:
    """Show the controls; a change of network or data set brings the settings recommended for it.

    Raises:
        ConfigError: the settings are impossible together.
    """
    dataset = focus.dataset()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        network = st.selectbox(
            "Network",
            list(PRESETS),
            key="training.network",
            bind="query-params",
            width=220,
            help=" ".join(f"**{name}**: {text}." for name, text in PRESETS.items()),
        )
        if st.session_state.get("training.recommended") != (dataset, network):
            changed = "training.recommended" in st.session_state
            for key in [key for key in st.session_state if changed and str(key).startswith("training.set.")]:
                del st.session_state[key]
            st.session_state["training.recommended"] = (dataset, network)
        best = recipe(dataset, network, **({"epochs": 5} if dataset == "digits" else {}))
        values = {
            "epochs": st.slider(
                "Passes over all training images · epochs",
                1,
                30,
                best.epochs,
                key="training.set.epochs",
                bind="query-params",
                width=320,
                help=term("epoch"),
            )
        }
    if is_lab():
        values |= _lab_settings(best)
    return recipe(dataset, network, **values)


def _lab_settings(best: TrainConfig) -> dict[str, Any]:
    """Every other setting of a run."""
    known = catalog.info(best.dataset)
    one, two, three, four = st.columns(4)
    names = list(augmentation.PRESETS)
    varied = next((name for name, value in augmentation.PRESETS.items() if value == best.variation), "none")
    batch = one.number_input("Batch size", 1, 1024, best.batch_size, key="training.set.batch", help=term("batch"))
    rate = one.select_slider(
        "Learning rate", RATES, best.learning_rate, key="training.set.rate", help=term("learning rate")
    )
    optimizer = two.selectbox("Optimiser", OPTIMIZERS, OPTIMIZERS.index(best.optimizer), key="training.set.optimizer")
    schedule = two.selectbox("Schedule", SCHEDULES, SCHEDULES.index(best.schedule), key="training.set.schedule")
    images = three.number_input(
        "Training images",
        1,
        known.train,
        known.train,
        step=100,
        key="training.set.images",
        help="Use only so many of them.",
    )
    chosen = three.selectbox("Augmentation", names, names.index(varied), key="training.set.augmentation")
    patience = four.number_input(
        "Early stopping after",
        0,
        200,
        0,
        key="training.set.patience",
        help="Epochs without a lower validation loss; 0: never.",
    )
    seed = four.number_input("Seed", 0, 2**31 - 1, 0, key="training.set.seed", help="The same seed gives the same run.")
    with st.container(horizontal=True):
        mixed = st.toggle("Mixed precision", key="training.set.mixed", help="Compute in bfloat16.")
        labels = st.toggle("Experiment: shuffled labels", key="training.set.labels")
        pixels = st.toggle("Experiment: shuffled pixels", key="training.set.pixels")
    return {
        "batch_size": int(batch),
        "learning_rate": float(rate),
        "optimizer": optimizer,
        "schedule": schedule,
        "training_images": None if images == known.train else int(images),
        "augmentation": chosen,
        "early_stopping": int(patience),
        "seed": int(seed),
        "mixed_precision": mixed,
        "shuffled_labels": labels,
        "shuffled_pixels": pixels,
    }
