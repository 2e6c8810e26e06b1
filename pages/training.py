"""Training: watch a network improve, epoch by epoch."""

import streamlit as st

from cnn.data import catalog
from cnn.errors import CnnError, ConfigError
from cnn.jobs import queue
from cnn.keras_code.training import training_code
from cnn.model import store
from cnn.requests import runs as run_requests
from cnn.training import duration_estimate
from cnn.training.config import TrainConfig
from pages.lessons.training.controls import choose_training_settings
from pages.shell import selection
from pages.shell.page_layout import notice, page_foot, page_header, plain_notice, prose
from pages.shell.text import duration, literal
from pages.shell.workspace import workspace
from pages.widgets.dataset_preparation import offer_preparation
from pages.widgets.job_request import duration_note, withdraw_request
from pages.widgets.run import watch
from pages.widgets.run.start import offer_named_run
from pages.widgets.scores.class_balance import show_imbalance

page_header("Training", "How does a network get better by looking at examples?", page="training")


def offer_run(config: TrainConfig) -> None:
    """Show the expected duration, the number of jobs ahead and the button, or what is still missing."""
    dataset = catalog.info(config.dataset)
    if dataset.own and not catalog.is_prepared(config.dataset):
        offer_preparation(config.dataset)
        return
    if not (dataset.builtin or catalog.is_prepared(config.dataset)):
        notice(f"**{literal(dataset.title)}** is not on this machine yet. Prepare it first; it takes one click.")
        st.page_link(
            "images.py",
            label=f"Prepare {literal(dataset.title)} on the Images page",
            query_params={"dataset": dataset.name},
        )
        return
    seconds = duration_estimate.seconds(config)
    offer_named_run(
        lambda name: run_requests.train(config, workspace(), name=name),
        page="training",
        suggested=run_requests.train_name(config),
        label="Start training",
        cost=duration_note(seconds),
    )
    if seconds > (limit := queue.max_seconds_per_job()):
        notice(
            f"A run here may take at most **{duration(limit)}**. It would be stopped then and keep what it has "
            f"learned: about {max(1, int(config.epochs * limit / seconds))} of {config.epochs} epochs. Choose fewer, "
            "or a smaller network."
        )


config: TrainConfig | None = None
try:
    config = choose_training_settings()
    show_imbalance(config.dataset, class_weights=config.class_weights, key="training.imbalance")
    offer_run(config)
except ConfigError as error:
    config = None
    withdraw_request("training.start")
    plain_notice(error)

run = watch.shown_run(run_requests.latest_run(workspace(), selection.dataset()))
selected: list[str] = []
earlier = watch.earlier_runs(selection.dataset(), besides=run)
if earlier:
    selected = st.multiselect(
        "Show earlier runs", list(earlier), key="training.compare", placeholder="none chosen", width=620
    )
compared = {label: watch.validation_accuracies(earlier[label]) for label in selected if label in earlier}
with st.container(border=True):
    if run:
        try:
            watch.watch_run(run, compared)
        except CnnError as error:
            plain_notice(error, key="training.run_error")
            run = None
    else:
        watch.replay_stored_run(compared)

if run and queue.read(run).state in ("finished", "stopped") and store.has_card(run):
    with st.container(horizontal=True, key="training.next"):
        link = {"model": run}
        st.page_link("models.py", label="Look inside this network", query_params=link, icon=":material/search:")
        st.page_link(
            "models.py", label="See its mistakes", query_params={**link, "view": "mistakes"}, icon=":material/close:"
        )
        st.page_link("predict.py", label="Try a photo on it", query_params=link, icon=":material/photo_camera:")

prose(
    "**What to notice.** Two curves: one for the *training* images, from which the network learns, and one for the "
    "*validation* images, its practice exam. When only the first keeps rising, the network is memorising them "
    "(overfitting). The *test* images are the final exam: taken once, at the end, and sealed until you open it."
)
page_foot(
    [
        "Train twice with the same settings. Are the curves the same? (The seed is.)",
        "Train for 30 epochs and look for the epoch where memorising begins.",
        "Choose the fully connected network: as many parameters, no convolution. What does it lose?",
    ],
    code=training_code(config) if config else None,
    reading=[
        ("Keras: training and evaluation", "https://keras.io/guides/training_with_built_in_methods/"),
        ("Deep Learning with Python, chapter 5 (Chollet)", "https://deeplearningwithpython.io/chapters/"),
    ],
)
