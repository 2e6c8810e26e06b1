"""The ladder of fine-tuning: what each rung lets learn, what it takes, and what it has bought."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from cnn.analysis.evaluation.intervals import in_brief
from cnn.errors import CnnError
from cnn.model import store
from cnn.model.fine_tuning import Rung, fine_tuning_ladder
from cnn.model.pretrained_bases import BASES
from cnn.pretrained.transfer_results import DATASET, measured
from cnn.training import duration_estimate
from cnn.training.transfer_config import TransferConfig
from pages.shell import selection
from pages.shell.page_layout import prose
from pages.shell.text import duration
from pages.widgets import linked_inputs


def choose_rung(base: str) -> int:
    """How many layers of the base learn as well; 0 for the head alone."""
    titles = {str(rung.layers): _title(rung, base) for rung in fine_tuning_ladder(base)}
    return int(linked_inputs.choice("transfer.layers", "Let learn", titles, width=320))


def show_ladder(config: TransferConfig) -> None:
    """Every rung: trainable weights, expected time, and the test accuracy of runs that went up to it."""
    st.markdown("**The ladder: how many layers of the base learn as well** · fine-tuning")
    bought = _bought(config)
    rows = []
    for rung in fine_tuning_ladder(config.base):
        seconds = duration_estimate.transfer_seconds(replace(config, tuned_layers=rung.layers))
        rows.append(
            {
                "": _title(rung, config.base),
                "weights of the base that learn": f"{rung.parameters:,}",
                "takes about": duration(seconds),
                "right on the test": bought.get(rung.layers, "not tried yet"),
            }
        )
    st.table(pd.DataFrame(rows).set_index(""))
    prose(
        "In brackets: where nineteen of twenty other sets of test images would put it · 95 % confidence interval. "
        "Where two intervals lie over each other, the higher rung may have bought nothing."
    )


def _title(rung: Rung, base: str) -> str:
    if rung.layers == 0:
        return "the head alone"
    whole = rung.layers == BASES[base].layers
    return f"the whole base, {rung.layers} layers" if whole else f"the last {rung.layers} layers"


def _bought(config: TransferConfig) -> dict[int, str]:
    """Test accuracy by rung: of the visitor's own runs on these images, the newest first, else as we measured it."""
    found: dict[int, str] = {}
    for card in selection.available_models():
        layers = _layers(card, config)
        if layers is not None:
            found.setdefault(layers, f"{in_brief(*card.test)}, yours")
    if config.dataset == DATASET:
        for name, result in measured().items():
            base, _, rung = name.partition(" ")
            if base == config.base:
                found.setdefault(int(rung), in_brief(result["test"]["correct"], result["test"]["count"]))
    return found


def _layers(card: store.Card, config: TransferConfig) -> int | None:
    try:
        known = TransferConfig.from_dict(card.config) if "base" in card.config else None
    except CnnError:
        return None
    if known is None or (known.dataset, known.base) != (config.dataset, config.base):
        return None
    return known.tuned_layers
