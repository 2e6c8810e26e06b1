"""Does augmentation help? One network trained twice on the same images and seed, without and with it."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.evaluation.comparison import compare_answers
from cnn.analysis.evaluation.intervals import in_words
from cnn.data import catalog
from cnn.data.augmentation.settings import Augmentation
from cnn.data.class_balance import majority_share
from cnn.errors import CnnError, JobError
from cnn.figures.curves import EpochAxis, accuracy_chart
from cnn.jobs import queue
from cnn.requests import runs as run_requests
from cnn.stored_files import read_array
from cnn.training import duration_estimate
from cnn.training.config import TrainConfig, recipe
from cnn.training.run_summary import RunSummary, summarise_run
from pages.lessons.augmentation.measured import show_measured
from pages.shell.page_layout import plain_notice, prose, section
from pages.shell.theme import palette
from pages.shell.workspace import workspace
from pages.widgets.gallery import GalleryImage, Mark, gallery
from pages.widgets.job_request import duration_note, offer_job
from pages.widgets.scores.paired_test import describe_paired_test

IMAGES, EPOCHS = 2_000, 15
SIDES = {"without": "Without augmentation", "with": "With augmentation"}
SHOWN = 12
NOT_COMPARABLE = "The link names two jobs that are not runs on one data set. Train both anew."


def experiment_view(dataset: str, settings: Augmentation, seed: int) -> None:
    """Offer to train both networks, and compare them once the address names the two runs."""
    images = min(IMAGES, catalog.info(dataset).train - catalog.info(dataset).held_out)
    configs = {
        side: recipe(dataset, "tutorial", epochs=EPOCHS, training_images=images, seed=seed, augmentation=variation)
        for side, variation in (("without", Augmentation()), ("with", settings))
    }
    seconds = sum(duration_estimate.seconds(config) for config in configs.values())
    prose(
        f"The simple CNN learns twice from the same {images:,} images with the same seed for {EPOCHS} epochs: "
        "once without and once with augmentation."
    )
    show_measured(dataset)
    offer_job(
        partial(_start_runs, configs),
        label="Train both",
        key="augmentation.train",
        cost=duration_note(seconds),
        disabled=not settings.any(),
    )
    linked = {
        side: st.query_params[f"augmentation.{side}"] for side in SIDES if f"augmentation.{side}" in st.query_params
    }
    ids = linked or run_requests.latest_compared(workspace(), dataset)
    if ids and all(ids.get(side) for side in SIDES):
        try:
            _watch_runs({side: str(ids[side]) for side in SIDES})
        except CnnError as error:
            plain_notice(error)


def _start_runs(configs: dict[str, TrainConfig]) -> None:
    for side in SIDES:
        st.query_params.pop(f"augmentation.{side}", None)
    names = {side: f"{run_requests.train_name(config)}, {SIDES[side].lower()}" for side, config in configs.items()}
    for side, id in run_requests.train_compared(configs, names, workspace()).items():
        st.query_params[f"augmentation.{side}"] = id


def _stop_runs(ids: dict[str, str]) -> None:
    for id in ids.values():
        queue.request_stop(id, workspace())


def _watch_runs(ids: dict[str, str]) -> None:
    """Show both runs, refreshed every second until both have ended.

    Raises:
        JobError: there is no such run, or they cannot be compared.
    """
    runs = [queue.read(id) for id in ids.values()]
    if not all(map(run_requests.is_from_scratch, runs)) or len({str(run.settings.get("dataset")) for run in runs}) > 1:
        raise JobError(NOT_COMPARABLE)
    under_way = any(queue.read(id).state in queue.ACTIVE for id in ids.values())

    @st.fragment(run_every=1.0 if under_way else None)
    def live() -> None:
        jobs = {side: queue.read(id) for side, id in ids.items()}
        summaries = {side: summarise_run(queue.read_events(job.id)[0]) for side, job in jobs.items()}
        for column, (side, job) in zip(st.columns(2, gap="medium"), jobs.items(), strict=True):
            with column:
                _show_side(side, job, summaries[side])
        ended = all(job.state not in queue.ACTIVE for job in jobs.values())
        if not ended and all(job.workspace == workspace() for job in jobs.values()):
            st.button("Stop both", key="augmentation.stop", icon=":material/stop:", on_click=_stop_runs, args=(ids,))
        if ended and under_way:
            st.rerun()
        if ended and all(summary.test for summary in summaries.values()):  # both have saved their model
            _show_comparison(jobs)

    live()


def _show_side(side: str, job: queue.Job, summary: RunSummary) -> None:
    with st.container(key=f"augmentation.{side}.{job.state}"):
        section(f"**{SIDES[side]}** · {job.state}")
    config = TrainConfig.from_dict(job.settings)
    chart = accuracy_chart(
        summary.epochs,
        EpochAxis(config.epochs),
        chance=majority_share(config.dataset, "validation"),
        palette=palette(),
    )
    gap = _accuracy_gap(summary)
    description = "no epoch yet"
    if gap is not None:
        better, worse = ("training", "validation") if gap >= 0 else ("validation", "varied training")
        description = f"a gap of {abs(100 * gap):.0f} points: better on {better} than on {worse} images"
    st.vega_lite_chart(spec=chart, key=f"augmentation.curve.{side}", alt=f"{SIDES[side]}: {description}.")
    with st.container(key=f"augmentation.gap.{side}"):
        st.caption(f"{description[0].upper()}{description[1:]}.")


def _accuracy_gap(summary: RunSummary) -> float | None:
    """Training minus validation accuracy after the last epoch; None where either is missing."""
    last: dict[str, Any] | None = summary.epochs[-1] if summary.epochs else None
    if last is None or None in (last["accuracy"], last["val_accuracy"]):
        return None
    return float(last["accuracy"] - last["val_accuracy"])


def _show_comparison(jobs: dict[str, queue.Job]) -> None:
    """Show both validation accuracies, the paired test, and the images that only one of the two networks gets right.

    Whether to vary images is a choice, so the test images have no part in it.
    """
    dataset = str(jobs["with"].settings.get("dataset"))
    held_out, class_names = catalog.load(dataset, "validation"), catalog.info(dataset).class_names
    shape = (len(held_out), len(class_names))
    answers = {side: read_array(job.folder / "validation_probabilities.npy", shape, 0, 1) for side, job in jobs.items()}
    predicted = {side: probabilities.argmax(axis=1) for side, probabilities in answers.items()}
    for side, classes in predicted.items():
        prose(
            f"**{SIDES[side]}**, on validation images: "
            f"{in_words(int((classes == held_out.labels).sum()), len(held_out))}.",
            key=f"augmentation.held_out.{side}",
        )
    comparison = compare_answers(predicted["without"], predicted["with"], held_out.labels)
    prose(
        describe_paired_test(comparison, "the network without augmentation", "the one with it"),
        key="augmentation.verdict",
    )
    changes: list[tuple[str, str, np.ndarray, Mark]] = [
        ("gained", "From wrong to right", comparison.only_second, "right"),
        ("lost", "From right to wrong", comparison.only_first, "wrong"),
    ]
    for name, title, positions, mark in changes:
        with st.container(key=f"augmentation.{name}"):
            section(f"**{title}**: {len(positions):,} of {len(held_out):,} validation images")
        tiles = []
        for position in positions[:SHOWN].tolist():
            before, after = (class_names[int(predicted[side][position])] for side in SIDES)
            tiles.append(GalleryImage(held_out.image(position), f"{before} → {after}", f"{before}, then {after}", mark))
        gallery(tiles)
