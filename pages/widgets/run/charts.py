"""A run in charts: its curves, the twelve watched images, and a diagnosis of the curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from cnn.data import catalog
from cnn.data.own.set_folders import is_closed
from cnn.errors import DamagedFileError
from cnn.figures import curves
from cnn.training.config import TrainConfig
from cnn.training.curve_diagnosis import diagnose_curves
from cnn.training.curves.run_facts import run_facts
from cnn.training.run_summary import WATCHED, RunSummary, read_watched_images
from cnn.training.transfer_config import TransferConfig
from pages.shell.page_layout import prose, section
from pages.shell.text import answer_caption, percent
from pages.shell.theme import palette
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.scores.class_balance import show_balanced_answers
from pages.widgets.scores.final_exam import exam_is_open, show_exam_of_run
from pages.widgets.scores.near_twins import show_near_twins


@dataclass(frozen=True)
class RunOnScreen:
    """A run to show: its folder, its settings, its events so far, and whether it has ended."""

    folder: Path
    config: TrainConfig | TransferConfig
    summary: RunSummary
    done: bool


def show_run(run: RunOnScreen, *, upto: int | None = None, earlier: dict[str, list[float]] | None = None) -> None:
    """Show the curves, the twelve watched images and the diagnosis, as of epoch ``upto`` (None: now)."""
    summary, config = run.summary, run.config
    epochs = [epoch for epoch in summary.epochs if upto is None or epoch["epoch"] <= upto]
    batches = [batch for batch in summary.batches if upto is None or batch["epoch"] <= upto]
    has_ended = run.done and (upto is None or len(epochs) == len(summary.epochs))
    classes = catalog.info(config.dataset).class_names
    facts = run_facts(config, (summary.start or {}).get("validation"))
    test = summary.test if has_ended and exam_is_open(run.folder) else None
    colours = palette()
    total = epochs[-1]["epoch"] if has_ended and epochs else config.epochs
    tuned = isinstance(config, TransferConfig) and config.tuned_layers > 0
    axis = curves.EpochAxis(total, config.head_epochs if isinstance(config, TransferConfig) and tuned else None)
    before = ((summary.start or {}).get("before") or {}).get("val_accuracy")
    if epochs:
        _show_latest_accuracy(epochs[-1])
    left, right = st.columns(2, gap="medium")
    with left, st.container(key="training.accuracy_curve"):  # the chart's own key makes no class
        section("**Accuracy** (how many are right)")
        st.vega_lite_chart(
            spec=curves.accuracy_chart(
                epochs,
                axis,
                chance=facts.guessing,
                palette=colours,
                test=test["accuracy"] if test else None,
                earlier=earlier,
                initial=before,
            ),
            key="training.accuracy",
            alt=_accuracy_in_words(epochs),
        )
    with right:
        section("**Loss** (how wrong it is)")
        st.vega_lite_chart(
            spec=curves.loss_chart(batches, epochs, axis, palette=colours),
            key="training.loss",
            alt="Loss over the epochs, on training and on validation images.",
        )
    if epochs or summary.diverged:
        diagnosis = diagnose_curves(epochs, facts, diverged=summary.diverged and has_ended)
        prose(f"**What the curves say.** {diagnosis}", key="training.diagnosis")
    _show_watched_images(run, classes, max((n for n in summary.watched if upto is None or n <= upto), default=None))
    if has_ended and summary.test:
        show_exam_of_run(run.folder, summary.test, config.dataset, key="training.exam")
        show_balanced_answers(run.folder, config.dataset, "test" if test else "validation", key="training.balanced")
        show_near_twins(config.dataset, key="training.near_twins")


def accuracy_shown(epoch: dict[str, Any]) -> tuple[str, float | None]:
    """Which images, and what share of them (0..1) is right after an epoch: validation images, where there are any."""
    has_validation = epoch["val_accuracy"] is not None
    return ("validation", epoch["val_accuracy"]) if has_validation else ("training", epoch["accuracy"])


def _show_latest_accuracy(epoch: dict[str, Any]) -> None:
    images, accuracy = accuracy_shown(epoch)
    if accuracy is not None:
        with st.container(key="training.answer"):
            st.header(f"{percent(accuracy)} of {images} images right", anchor=False)


def _show_watched_images(run: RunOnScreen, classes: Sequence[str], epoch: int | None) -> None:
    if epoch is None or is_closed(run.config.dataset) or not (run.folder / WATCHED).exists():
        return
    try:
        images, labels = _watched_images(str(run.folder), len(classes))
    except DamagedFileError:
        prose("**Twelve validation images** cannot be shown: their file is damaged.", key="training.watched.damaged")
        return
    probabilities = run.summary.watched[epoch]
    if probabilities.shape != (len(labels), len(classes)):
        return
    correct = int((probabilities.argmax(axis=1) == labels).sum())
    stage = "before any training" if epoch == 0 else f"after epoch {epoch}"
    with st.container(key="training.watched"):
        section(f"**Twelve validation images**, {stage}: {correct} of {len(labels)} right")
    tiles = []
    for image, label, answer in zip(images, labels, probabilities, strict=True):
        best = int(answer.argmax())
        predicted, true_class = classes[best], classes[int(label)]
        is_correct = best == label
        caption = answer_caption(predicted, float(answer[best]), true_class)
        alt = f"Image of class {true_class}; the network says {predicted}"
        tiles.append(GalleryImage(image, caption, alt, "right" if is_correct else "wrong"))
    gallery(tiles, side=96, key="training.watched_images")


def _accuracy_in_words(epochs: Sequence[dict[str, Any]]) -> str:
    if not epochs:
        return "Accuracy over the epochs: no epoch yet."
    last = epochs[-1]
    return (
        f"Accuracy over the epochs: after epoch {last['epoch']}, {100 * (last['accuracy'] or 0):.0f} % of the "
        f"training and {100 * (last['val_accuracy'] or 0):.0f} % of the validation images are right."
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _watched_images(folder: str, classes: int) -> tuple[np.ndarray, np.ndarray]:
    return read_watched_images(Path(folder), classes)
