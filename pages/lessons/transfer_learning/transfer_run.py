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
from cnn.model.pretrained_bases import Base
from cnn.pretrained.transfer_results import FOLDER, WEIGHTS_NOTE, measured
from cnn.requests import runs as run_requests
from cnn.training import duration_estimate
from cnn.training.config import recipe
from cnn.training.run_summary import summarise_run
from cnn.training.transfer_config import TransferConfig
from cnn.training.transfer_features import features_file
from pages.shell.page_layout import notice, prose
from pages.shell.workspace import workspace
from pages.widgets.job_request import duration_note, offer_job, submit_and_link
from pages.widgets.run import watch
from pages.widgets.run.charts import RunOnScreen, show_run


def offer_run(config: TransferConfig, base: Base) -> None:
    """The button that starts a run, with its expected duration and what the base has to compute first."""
    title, seconds = catalog.info(config.dataset).title, duration_estimate.transfer_seconds(config)
    cached = features_file(config.dataset, base.name).is_file()
    preparation = (
        "What the base makes of these images is kept from before"
        if cached
        else f"First the base looks once at all {sum(catalog.counts(config.dataset)):,} images; that is kept for later"
    )
    offer_job(
        submit_and_link("run", partial(run_requests.transfer, config, workspace())),
        label="Start transfer learning",
        key="transfer.start",
        cost=f"{duration_note(seconds)} on {title}. {preparation}",
        cost_key="transfer.features_cached" if cached else "transfer.features_missing",
        icon=":material/play_arrow:",
    )


def show_stored_run() -> None:
    """The stored run on cats and dogs, 30 layers tuned: its curves, beside those of a model from scratch."""
    st.markdown("**A stored run**: cats and dogs on MobileNetV2, only the new head, then its last 30 layers too")
    config = TransferConfig.from_dict(_stored_config())
    run = RunOnScreen(FOLDER, config, summarise_run(read_event_log(FOLDER / "events.jsonl")), True)
    from_scratch = measured()["scratch"]
    held_out = from_scratch["validation"]
    show_run(run, earlier={"from scratch": from_scratch["held_out"]})
    st.caption(
        "The pale line: a network of its own, tutorial-bn, from scratch on the same photos. It is right on "
        f"{in_brief(held_out['correct'], held_out['count'])} of the validation photos. {WEIGHTS_NOTE}"
    )


def _stored_config() -> dict[str, Any]:
    return dict(json.loads((FOLDER / "config.json").read_text()))


def run_from_scratch(config: TransferConfig) -> dict[str, list[float]]:
    """The run from scratch on the same images that the address names; without one, a button that starts it.

    Returns:
        Validation accuracy after each epoch, 0..1, by the run's name; empty without a run.
    """
    id = st.query_params.get("transfer.scratch")
    if id:
        try:
            job = queue.read(id)
            if run_requests.is_from_scratch(job) and job.settings.get("dataset") == config.dataset:
                if job.state in queue.ACTIVE:
                    st.caption("The network from scratch is learning; its curve comes below, pale.")
                return {"from scratch": watch.validation_accuracies(job)}
        except CnnError as error:
            notice(str(error))
    scratch_config = recipe(config.dataset, "tutorial-bn", epochs=20)
    name = f"{catalog.info(config.dataset).title}, from scratch"
    prose("The same images, no base: what would a network of its own make of them?")
    offer_job(
        submit_and_link("transfer.scratch", partial(run_requests.train, scratch_config, workspace(), name=name)),
        label="Train one from scratch beside it",
        key="transfer.from_scratch",
        cost=duration_note(duration_estimate.seconds(scratch_config)),
        type="secondary",
    )
    return {}
