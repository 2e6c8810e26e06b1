"""Runs of transfer learning: the button that starts one, the stored run, and a run from scratch beside it."""

import json
from functools import partial
from typing import Any

import streamlit as st

from cnn.analysis.evaluation.intervals import in_brief
from cnn.data import catalog
from cnn.errors import CnnError
from cnn.jobs import queue
from cnn.jobs.events import read_event_log
from cnn.model.presets import network_title
from cnn.model.pretrained_bases import Base
from cnn.pretrained.transfer_results import FOLDER, WEIGHTS_NOTE, measured
from cnn.requests import runs as run_requests
from cnn.training import duration_estimate
from cnn.training.config import recipe
from cnn.training.run_summary import summarise_run
from cnn.training.transfer_config import TransferConfig
from cnn.training.transfer_features import features_file
from pages.shell.page_layout import plain_notice, section
from pages.shell.workspace import workspace
from pages.widgets.job_request import duration_note, offer_job, submit_and_link
from pages.widgets.run import watch
from pages.widgets.run.charts import RunOnScreen, show_run
from pages.widgets.run.start import offer_named_run


def offer_run(config: TransferConfig, base: Base) -> None:
    """The button that starts a run, with its expected duration and what the base has to compute first."""
    seconds = duration_estimate.transfer_seconds(config)
    cached = features_file(config.dataset, base.name).is_file()
    preparation = (
        "What the base sees in these images is kept from before"
        if cached
        else f"First the base looks at all {sum(catalog.counts(config.dataset)):,} images, once"
    )
    offer_named_run(
        lambda name: run_requests.transfer(config, workspace(), name=name),
        page="transfer",
        suggested=run_requests.transfer_name(config),
        label="Start transfer learning",
        cost=f"{duration_note(seconds)}. {preparation}",
        cost_key="transfer.features_cached" if cached else "transfer.features_missing",
    )


def show_stored_run() -> None:
    """The stored run on cats and dogs, 30 layers tuned: its curves, beside those of a model from scratch."""
    section("**A stored run**: cats and dogs on MobileNetV2, only the new head, then its last 30 layers too")
    run = _load_stored_run()
    from_scratch = measured()["scratch"]
    held_out = from_scratch["validation"]
    show_run(run, earlier={"from scratch": from_scratch["held_out"]})
    st.caption(
        f"The pale line: a {network_title('tutorial-bn')}, from scratch on the same photos. It is right on "
        f"{in_brief(held_out['correct'], held_out['count'])} of the validation photos. {WEIGHTS_NOTE}"
    )


@st.cache_resource(max_entries=1, show_spinner=False)
def _load_stored_run() -> RunOnScreen:
    config: dict[str, Any] = json.loads((FOLDER / "config.json").read_text())
    summary = summarise_run(read_event_log(FOLDER / "events.jsonl"))
    return RunOnScreen(FOLDER, TransferConfig.from_dict(config), summary, True)


def run_from_scratch(config: TransferConfig) -> dict[str, list[float]]:
    """The run from scratch on the same images that the address names, or the visitor's latest.

    Without one, a button that starts it.

    Returns:
        Validation accuracy after each epoch, 0..1, by the run's name; empty without a run.
    """
    latest = run_requests.latest_beside_transfer(workspace(), config.dataset)
    id = st.query_params.get("transfer.scratch") or (latest and latest.id)
    if id:
        try:
            job = queue.read(id)
            if run_requests.is_from_scratch(job) and run_requests.is_on(job, config.dataset):
                if job.state in queue.ACTIVE:
                    st.caption("The network from scratch is learning; its curve comes below, pale.")
                return {"from scratch": watch.validation_accuracies(job)}
        except CnnError as error:
            plain_notice(error)
    scratch_config = recipe(config.dataset, "tutorial-bn", epochs=20)
    offer_job(
        submit_and_link("transfer.scratch", partial(run_requests.train_beside_transfer, scratch_config, workspace())),
        label="Train one from scratch beside it",
        key="transfer.from_scratch",
        cost=f"What would a network without a base make of the same images? "
        f"{duration_note(duration_estimate.seconds(scratch_config))}",
        type="secondary",
    )
    return {}
