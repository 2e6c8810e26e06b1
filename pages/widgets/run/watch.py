"""Training runs on screen: live, replayed or finished, for the owner and for anyone with the link."""

import json
import math
import time
from collections import Counter
from dataclasses import replace

import streamlit as st

from cnn.data import catalog
from cnn.jobs import queue
from cnn.jobs.events import read_event_log
from cnn.model import store
from cnn.model.store import PRETRAINED
from cnn.requests import runs as run_requests
from cnn.training.config import TrainConfig
from cnn.training.run_summary import RunSummary, summarise_run
from cnn.training.transfer_config import config_of
from pages.components.live_region import announce
from pages.components.reduced_motion import prefers_reduced_motion
from pages.shell import selection
from pages.shell.text import percent
from pages.shell.workspace import workspace
from pages.widgets.run.charts import RunOnScreen, accuracy_shown, show_run
from pages.widgets.run.status import show_status

REPLAY = PRETRAINED / "digits-tutorial"
SECONDS_AN_EPOCH = 1.0


def replay_stored_run(earlier: dict[str, list[float]]) -> None:
    """Replay the stored run, one epoch per second, from the untrained network to the last epoch.

    For visitors who ask for reduced motion it has ended at once, and plays when they click.
    """
    # Until the browser has said what they ask for, a second at most, it stands at its beginning.
    still = prefers_reduced_motion(key="training.reduced_motion")
    if still is not None:
        st.session_state.setdefault("training.replay_started", -math.inf if still else time.monotonic())
    started = st.session_state.get("training.replay_started")
    run = _load_stored_run()
    last = run.summary.epochs[-1]["epoch"]
    card = store.card(REPLAY.name)
    data = catalog.info(card.dataset).title

    def current_epoch() -> int:
        return 0 if started is None else int(min(last, (time.monotonic() - started) / SECONDS_AN_EPOCH))

    moves = started is not None and current_epoch() < last

    @st.fragment(run_every=SECONDS_AN_EPOCH if moves else None)
    def play() -> None:
        epoch = current_epoch()
        has_ended = epoch >= last
        with st.container(key="training.replay"):
            st.progress(epoch / last, text=f"Replay on {data}: epoch {epoch} of {last}")
        show_run(run, upto=epoch, earlier=earlier)
        st.caption(f"You are watching a run that came with the app: {card.title}.")
        again = has_ended and st.button("Play it again", key="training.again", icon=":material/replay:")
        if again:
            st.session_state["training.replay_started"] = time.monotonic()
        # A fragment starts and stops to repeat itself only where the whole page runs.
        if again or (has_ended and moves):
            st.rerun()

    play()


def watch_run(id: str, earlier: dict[str, list[float]]) -> None:
    """Show the run ``id``, updated every second until it has ended.

    Raises:
        JobError: there is no such run.
    """
    under_way = queue.read(id).state in queue.ACTIVE

    @st.fragment(run_every=1.0 if under_way else None)
    def live() -> None:
        job = queue.read(id)
        config = config_of(job.settings)
        config = replace(config, dataset=selection.seen_name(config.dataset))
        run = RunOnScreen(job.folder, config, _summary(job), job.state not in queue.ACTIVE)
        show_status(job, run.summary)
        announce(_describe_epoch(run.summary), key="training.announcement")
        show_run(run, earlier=earlier)
        if run.done and under_way:
            selection.forget_lists()  # they lack the new model
            st.rerun()

    live()


def shown_run(latest: queue.Job | None) -> str | None:
    """The id of the run to show: the one that the address names, else ``latest``, which the address names from now on.

    Args:
        latest: the visitor's own, or None.
    """
    if "run" not in st.query_params and latest is not None:
        st.query_params["run"] = latest.id
    return st.query_params.get("run")


def earlier_runs(dataset: str, besides: str | None) -> dict[str, queue.Job]:
    """The visitor's finished runs on ``dataset`` except ``besides``, newest first, by distinguishable labels."""
    runs = [job for job in run_requests.finished_runs(workspace(), dataset) if job.id != besides][:20]
    shared = {name for name, count in Counter(job.name for job in runs).items() if count > 1}

    def label(job: queue.Job) -> str:
        # Earlier versions gave two runs the same name.
        at = f", {time.strftime('%H:%M:%S', time.localtime(job.created))}"
        return f"{job.name}{at if job.name in shared else ''}"

    return {label(job): job for job in runs}


def validation_accuracies(job: queue.Job) -> list[float]:
    """Validation accuracy after each epoch of a run, 0..1."""
    return [epoch["val_accuracy"] for epoch in _summary(job).epochs if epoch["val_accuracy"] is not None]


def _describe_epoch(summary: RunSummary) -> str:
    """The latest epoch in words, as in "Epoch 3 of 5: 82 % of validation images right"; "" before the first."""
    if not summary.epochs:
        return ""
    last, total = summary.epochs[-1], (summary.start or {}).get("epochs")
    images, accuracy = accuracy_shown(last)
    says = "" if accuracy is None else f": {percent(accuracy)} of {images} images right"
    return f"Epoch {last['epoch']} of {total}{says}"


def _summary(job: queue.Job) -> RunSummary:
    return summarise_run(queue.read_events(job.id)[0])


@st.cache_resource(max_entries=1, show_spinner=False)
def _load_stored_run() -> RunOnScreen:
    card = json.loads((REPLAY / "card.json").read_text())
    return RunOnScreen(
        REPLAY, TrainConfig.from_dict(card["config"]), summarise_run(read_event_log(REPLAY / "events.jsonl")), True
    )
