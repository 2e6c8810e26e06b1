"""Does augmentation help? The same network, images and seed trained twice, without and with it, side by side."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.evaluation.comparison import compare_answers
from cnn.analysis.evaluation.intervals import in_words
from cnn.data import catalog
from cnn.data.augmentation.settings import Augmentation
from cnn.errors import CnnError, JobError
from cnn.figures.curves import accuracy_chart
from cnn.jobs import queue
from cnn.requests import runs as run_requests
from cnn.training import duration_estimate
from cnn.training.config import TrainConfig, recipe
from cnn.training.run_summary import RunSummary, summarise_run
from pages.shell.page_layout import notice, prose
from pages.shell.theme import palette
from pages.shell.workspace import workspace
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.job_request import offer_job, takes

IMAGES, EPOCHS = 2_000, 15
SIDES = {"without": "Without augmentation", "with": "With augmentation"}
SHOWN = 12


def experiment_view(name: str, settings: Augmentation, seed: int) -> None:
    """Offer the experiment; show it when the address names its two runs."""
    images = min(IMAGES, catalog.info(name).train - catalog.info(name).held_out)
    configs = {
        side: recipe(name, "tutorial", epochs=EPOCHS, training_images=images, seed=seed, augmentation=variation)
        for side, variation in (("without", Augmentation()), ("with", settings))
    }
    seconds = sum(duration_estimate.seconds(config) for config in configs.values())
    prose(
        f"The tutorial's network learns twice from the same {images:,} images with the same seed for {EPOCHS} epochs: "
        "once as they are, once varied anew in every epoch."
    )
    offer_job(
        partial(_start, configs),
        label="Train both",
        key="augmentation.train",
        cost=takes(seconds),
        disabled=not settings.any(),
    )
    ids = {side: st.query_params.get(f"augmentation.{side}") for side in SIDES}
    if all(ids.values()):
        try:
            _watch({side: str(id) for side, id in ids.items()})
        except CnnError as error:
            notice(str(error))


def _start(configs: dict[str, TrainConfig]) -> None:
    for side in SIDES:
        st.query_params.pop(f"augmentation.{side}", None)
    for side, config in configs.items():
        name = f"{catalog.info(config.dataset).title}, {SIDES[side].lower()}"
        st.query_params[f"augmentation.{side}"] = run_requests.train(config, workspace(), name=name)


def _stop(ids: dict[str, str]) -> None:
    for id in ids.values():
        queue.request_stop(id, workspace())


def _watch(ids: dict[str, str]) -> None:
    """Both runs as they are now, renewed every second until both have ended.

    Raises:
        JobError: there is no such run, or they cannot be compared.
    """
    runs = [queue.read(id) for id in ids.values()]
    if not all(map(run_requests.is_from_scratch, runs)) or len({run.settings["dataset"] for run in runs}) > 1:
        raise JobError("The link names two jobs that are not runs on one data set. Train both anew.")
    under_way = any(queue.read(id).state in queue.ACTIVE for id in ids.values())

    @st.fragment(run_every=1.0 if under_way else None)
    def live() -> None:
        jobs = {side: queue.read(id) for side, id in ids.items()}
        summaries = {side: summarise_run(queue.events(job.id)[0]) for side, job in jobs.items()}
        for column, (side, job) in zip(st.columns(2, gap="medium"), jobs.items(), strict=True):
            with column:
                _side(side, job, summaries[side])
        over = all(job.state not in queue.ACTIVE for job in jobs.values())
        if not over and all(job.workspace == workspace() for job in jobs.values()):
            st.button("Stop both", key="augmentation.stop", icon=":material/stop:", on_click=_stop, args=(ids,))
        if over and under_way:
            st.rerun()
        if over and all(summary.test for summary in summaries.values()):
            _outcome(jobs, summaries)

    live()


def _side(side: str, job: queue.Job, summary: RunSummary) -> None:
    st.markdown(f"**{SIDES[side]}** · {job.state}")
    config = TrainConfig.from_dict(job.settings)
    classes = len(catalog.info(config.dataset).class_names)
    chart = accuracy_chart(
        summary.epochs,
        total_epochs=config.epochs,
        chance=1 / classes,
        palette=palette(),
        test=summary.test and summary.test["accuracy"],
    )
    gap = _gap(summary)
    said = "no epoch yet"
    if gap is not None:
        better, worse = ("practised", "held-out") if gap >= 0 else ("held-out", "practised, varied")
        said = f"a gap of {abs(100 * gap):.0f} points: better on {better} than on {worse} images"
    st.vega_lite_chart(spec=chart, key=f"augmentation.curve.{side}", alt=f"{SIDES[side]}: {said}.")
    st.caption(f"{said[0].upper()}{said[1:]}.")


def _gap(summary: RunSummary) -> float | None:
    last: dict[str, Any] | None = summary.epochs[-1] if summary.epochs else None
    if last is None or None in (last["accuracy"], last["val_accuracy"]):
        return None
    return float(last["accuracy"] - last["val_accuracy"])


def _outcome(jobs: dict[str, queue.Job], summaries: dict[str, RunSummary]) -> None:
    """The final exams, and the test images on which the two differ."""
    for side, summary in summaries.items():
        test = summary.test or {}
        prose(f"**{SIDES[side]}**, the final exam · test: {in_words(test['correct'], test['count'])}.")
    name = str(jobs["with"].settings["dataset"])
    test, names = catalog.load(name, "test"), catalog.info(name).class_names
    answers = {side: np.load(job.folder / "test_probabilities.npy").argmax(axis=1) for side, job in jobs.items()}
    found = compare_answers(answers["without"], answers["with"], test.labels)
    for title, places, mark in (
        ("From wrong to right", found.only_second, "right"),
        ("From right to wrong", found.only_first, "wrong"),
    ):
        st.markdown(f"**{title}**: {len(places):,} of {len(test):,} test images")
        tiles = []
        for place in places[:SHOWN]:
            before, after = (names[int(answers[side][place])] for side in SIDES)
            tiles.append(GalleryImage(test.image(int(place)), f"{before} → {after}", f"{before}, then {after}", mark))
        gallery(tiles)
