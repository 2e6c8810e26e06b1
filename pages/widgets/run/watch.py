"""Training runs on screen: live, replayed or finished, for the owner and for anyone with the link."""

import json
import time

import streamlit as st

from cnn.jobs import queue
from cnn.jobs.events import read_event_log
from cnn.model.store import PRETRAINED
from cnn.requests import runs as run_requests
from cnn.training.config import TrainConfig
from cnn.training.run_summary import RunSummary, summarise_run
from cnn.training.transfer_config import config_of
from pages.shell import selection
from pages.shell.workspace import workspace
from pages.widgets.run.charts import RunOnScreen, show_run
from pages.widgets.run.status import show_status

REPLAY = PRETRAINED / "digits-tutorial"
SECONDS_AN_EPOCH = 1.0


def replay_stored_run(earlier: dict[str, list[float]]) -> None:
    """Replay the stored run, one epoch per second, from the untrained network to the last epoch."""
    started = st.session_state.setdefault("training.replay_started", time.time())
    run = _load_stored_run()
    last = run.summary.epochs[-1]["epoch"]

    def current_epoch() -> int:
        return min(last, int((time.time() - started) / SECONDS_AN_EPOCH))

    @st.fragment(run_every=None if current_epoch() >= last else SECONDS_AN_EPOCH)
    def play() -> None:
        epoch = current_epoch()
        has_ended = epoch >= last
        with st.container(key="training.replay"):
            st.progress(epoch / last, text=f"Replay of a stored run: epoch {epoch} of {last}")
        show_run(run, upto=epoch, earlier=earlier)
        if has_ended:
            st.button("Play it again", key="training.again", icon=":material/replay:", on_click=_play_again)
        if has_ended and st.session_state.get("training.replay_ended") != started:
            st.session_state["training.replay_ended"] = started
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
        run = RunOnScreen(job.folder, config_of(job.settings), _summary(job), job.state not in queue.ACTIVE)
        show_status(job, run.summary)
        show_run(run, earlier=earlier)
        if run.done and under_way:
            selection.forget_lists()  # they lack the new model
            st.rerun()

    live()


def earlier_runs(dataset: str, besides: str | None) -> dict[str, queue.Job]:
    """The visitor's finished runs on ``dataset`` except ``besides``, newest first, by distinguishable labels."""
    runs = [job for job in run_requests.finished_runs(workspace(), dataset) if job.id != besides]
    return {f"{job.name}, {time.strftime('%H:%M:%S', time.localtime(job.created))}": job for job in runs[:20]}


def validation_accuracies(job: queue.Job) -> list[float]:
    """Validation accuracy after each epoch of a run, 0..1."""
    return [epoch["val_accuracy"] for epoch in _summary(job).epochs if epoch["val_accuracy"] is not None]


def _play_again() -> None:
    st.session_state["training.replay_started"] = time.time()


def _summary(job: queue.Job) -> RunSummary:
    return summarise_run(queue.read_events(job.id)[0])


@st.cache_resource(max_entries=1, show_spinner=False)
def _load_stored_run() -> RunOnScreen:
    card = json.loads((REPLAY / "card.json").read_text())
    return RunOnScreen(
        REPLAY, TrainConfig.from_dict(card["config"]), summarise_run(read_event_log(REPLAY / "events.jsonl")), True
    )
