"""Transfer learning on screen: its settings, what a click will cost, and its run as it goes on."""

import json
from functools import partial
from typing import Any

import streamlit as st

from cnn.analysis.evaluation.intervals import in_brief
from cnn.data import catalog
from cnn.errors import CnnError
from cnn.jobs import queue
from cnn.jobs.events import read_log
from cnn.model.pretrained_bases import Base
from cnn.pretrained.transfer_results import FOLDER, measured
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
    """What it takes and how many are ahead, then the button."""
    title, seconds = catalog.info(config.dataset).title, duration_estimate.transfer_seconds(config)
    kept = features_file(config.dataset, base.name).is_file()
    looks = (
        "What the base makes of these images is kept from before"
        if kept
        else f"First the base looks once at all {sum(catalog.counts(config.dataset)):,} images; that is kept for later"
    )
    offer_job(
        submit_and_link("run", partial(run_requests.transfer, config, workspace())),
        label="Start transfer learning",
        key="transfer.start",
        cost=f"{duration_note(seconds)} on {title}. {looks}",
        icon=":material/play_arrow:",
    )


def show_stored_run() -> None:
    """The run that the page opens with: cats and dogs, 30 layers tuned; its curves and what it bought."""
    st.markdown("**A stored run**: cats and dogs on MobileNetV2, the head alone, then its last 30 layers too")
    config = TransferConfig.from_dict(_stored_config())
    run = RunOnScreen(FOLDER, config, summarise_run(read_log(FOLDER / "events.jsonl")), True)
    beside = measured()["scratch"]
    show_run(run, earlier={"from scratch": beside["held_out"]})
    st.caption(
        "The pale line: a network of its own, tutorial-bn, from scratch on the same photos. It is right on "
        f"{in_brief(beside['test']['correct'], beside['test']['count'])} of the test photos."
    )


def _stored_config() -> dict[str, Any]:
    return dict(json.loads((FOLDER / "config.json").read_text()))


def run_from_scratch(config: TransferConfig) -> dict[str, list[float]]:
    """Offer the same images to a network from scratch; the curve of its run, once there is one."""
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
    beside = recipe(config.dataset, "tutorial-bn", epochs=20)
    name = f"{catalog.info(config.dataset).title}, from scratch"
    prose("The same images, no base: what would a network of its own make of them?")
    offer_job(
        submit_and_link("transfer.scratch", partial(run_requests.train, beside, workspace(), name=name)),
        label="Train one from scratch beside it",
        key="transfer.from_scratch",
        cost=duration_note(duration_estimate.seconds(beside)),
        type="secondary",
    )
    return {}
