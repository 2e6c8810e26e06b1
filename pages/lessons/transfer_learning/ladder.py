"""The ladder of fine-tuning: the trainable layers, cost and accuracy at each rung."""

from contextlib import suppress
from dataclasses import replace

import pandas as pd
import streamlit as st

from cnn.analysis.evaluation.comparison import Comparison, compare_answers
from cnn.analysis.evaluation.intervals import CAPTION, in_brief
from cnn.errors import CnnError
from cnn.model import store
from cnn.model.fine_tuning import Rung, fine_tuning_ladder
from cnn.model.pretrained_bases import BASES
from cnn.pretrained.transfer_results import DATASET, measured, measured_on_digits
from cnn.training import duration_estimate
from cnn.training.transfer_config import TransferConfig
from pages.shell import selection
from pages.shell.page_layout import prose, section
from pages.shell.text import duration
from pages.widgets import linked_inputs, model_cache
from pages.widgets.scores.paired_test import describe_gain


def choose_rung(base: str) -> int:
    """The number of layers of the base to tune; 0 for only the new head."""
    titles = {str(rung.layers): _title(rung, base) for rung in fine_tuning_ladder(base)}
    return int(linked_inputs.choice("transfer.layers", "Layers to train", titles, width=320))


def show_ladder(config: TransferConfig) -> None:
    """A table of all rungs: weights that learn, expected time, validation accuracy so far, and what each gains."""
    section("**The ladder: how many layers of the base learn as well** · fine-tuning")
    accuracies, gains = _accuracies(config), _gains(config)
    rows = []
    for rung in fine_tuning_ladder(config.base):
        seconds = duration_estimate.transfer_seconds(replace(config, tuned_layers=rung.layers))
        rows.append(
            {
                "": _title(rung, config.base),
                "weights of the base that learn": f"{rung.parameters:,}",
                "takes about": duration(seconds),
                "validation accuracy": accuracies.get(rung.layers, "not tried yet"),
                "compared with only the new head": gains.get(rung.layers, "–"),
            }
        )
    with st.container(key="transfer.ladder"):
        st.table(pd.DataFrame(rows).set_index(""))
    prose(
        f"{CAPTION} Whether a higher rung has bought anything, these ranges cannot tell. The last column can: it "
        "compares the answers photo by photo, and counts those gained (+) and lost (−) compared with only the new "
        "head (McNemar's test). Both runs must be yours."
    )


def describe_when_tuning_helps() -> str:
    """In words: what fine-tuning bought where it was measured, on images like the base's own and on others."""
    cats, digits = measured(), measured_on_digits()
    count, cats_count = digits["head"]["test"]["count"], cats["mobilenet_v2 0"]["test"]["count"]
    head, longer, tuned = (digits[name]["test"]["correct"] for name in ("head", "head, 40 epochs", "whole base"))
    whole = f"mobilenet_v2 {BASES['mobilenet_v2'].layers}"
    cats_head, cats_tuned = (cats[name]["test"]["correct"] for name in ("mobilenet_v2 0", whole))
    return (
        "**When does fine-tuning help?** When the new pictures are unlike those that the base has learned from. Of "
        f"{count} digits, the built-in base, which knows photos, gets **{head}** right with only the new head "
        f"({longer} after 40 epochs), and **{tuned}** when the whole base learns too, at a rate of 0.0001. "
        f"Of {cats_count} cats and dogs, which MobileNetV2 knows already, it gets {cats_head} and {cats_tuned} right, "
        "which may be chance. One training each, on the test images."
    )


def _title(rung: Rung, base: str) -> str:
    if rung.layers == 0:
        return "only the new head"
    whole = rung.layers == BASES[base].layers
    return f"the whole base, {rung.layers} layers" if whole else f"the last {rung.layers} layers"


def _accuracies(config: TransferConfig) -> dict[int, str]:
    """Validation accuracy by number of tuned layers: of the visitor's newest run on these images, else ours."""
    accuracies: dict[int, str] = {}
    for card in selection.available_models():
        layers = _tuned_layers(card, config)
        if layers is not None:
            accuracies.setdefault(layers, f"{in_brief(*card.validation)}, yours")
    if config.dataset == DATASET:
        for name, result in measured().items():
            base, _, rung = name.partition(" ")
            if base == config.base:
                accuracies.setdefault(
                    int(rung), in_brief(result["validation"]["correct"], result["validation"]["count"])
                )
    return accuracies


def _gains(config: TransferConfig) -> dict[int, str]:
    """Each of the visitor's newest runs against their head alone, on the same images, by number of tuned layers."""
    newest: dict[int, store.Card] = {}
    for card in selection.available_models():
        layers = _tuned_layers(card, config)
        if layers is not None:
            newest.setdefault(layers, card)
    if 0 not in newest:
        return {}
    gains = {}
    for layers, card in newest.items():
        if layers > 0:
            with suppress(CnnError):  # answers that were not kept, or are damaged
                gains[layers] = describe_gain(_compare(newest[0], card))
    return gains


def _compare(first: store.Card, second: store.Card) -> Comparison:
    """The answers of two networks to the same validation images."""
    (one, labels), (other, _) = model_cache.answers(first, "validation"), model_cache.answers(second, "validation")
    return compare_answers(one.argmax(axis=1), other.argmax(axis=1), labels)


def _tuned_layers(card: store.Card, config: TransferConfig) -> int | None:
    """How many layers a run tuned; None unless it had the data set and base of ``config``."""
    if "base" not in card.config:
        return None
    try:
        run_config = TransferConfig.from_dict(card.config)
    except CnnError:
        return None
    same = (run_config.dataset, run_config.base) == (config.dataset, config.base)
    return run_config.tuned_layers if same else None
