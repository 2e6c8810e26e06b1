"""Which pretrained base a page works with, and how its weights come here when a person agrees."""

import streamlit as st

from cnn.errors import CnnError
from cnn.jobs import queue
from cnn.model import mobilenet_weights, pretrained_bases
from cnn.model.pretrained_bases import BASES, Base
from cnn.pretrained.transfer_results import measured
from pages.shell.page_layout import notice, prose
from pages.shell.text import percent
from pages.shell.workspace import workspace
from pages.widgets import linked_inputs
from pages.widgets.job_progress import watch

KEY = "weights of mobilenet_v2"
PROBLEM = "transfer.weights_problem"


def choose(page: str) -> Base:
    """The base that a visitor chose among those whose weights are here.

    Args:
        page: prefix of the page's widget keys.
    """
    titles = {base.name: base.title for base in BASES.values() if pretrained_bases.is_here(base.name)}
    name = linked_inputs.choice(f"{page}.base", "Base", titles, width=220)
    return BASES[name]


def offer(page: str) -> None:
    """Where MobileNetV2's weights are not here: how they would come, what they weigh, and what there is without "
    "them."""
    if pretrained_bases.is_here("mobilenet_v2"):
        return
    job = next((job for job in queue.jobs(kind="weights") if job.key == KEY), None)
    if job is not None and job.state in queue.ACTIVE:
        watch(job.id, f"{page}.weights.cancel")
        return
    if job is not None and job.state in ("failed", "interrupted"):
        notice(job.reason or "Fetching the weights was interrupted, and nothing half done was kept. Try again.")
    found = measured()
    best, built_in = (
        percent(found[name]["test"]["correct"] / found[name]["test"]["count"])
        for name in ("mobilenet_v2 0", "built-in 0")
    )
    prose(
        "**MobileNetV2** has learned from 1.3 million photos, but its weights are not on this machine. They are "
        f"fetched once from storage.googleapis.com, **{mobilenet_weights.WEIGHTS_BYTES / 1e6:.0f} MB**, and then kept "
        "for everyone. Without network there is **the built-in base**, a small network that this project trained on "
        f"tiny photos. What that costs: on cats and dogs a head on it is right on {built_in} of the test photos, on "
        f"MobileNetV2 on {best}."
    )
    st.button(
        f"Download MobileNetV2's weights ({mobilenet_weights.WEIGHTS_BYTES / 1e6:.0f} MB)",
        key=f"{page}.weights",
        icon=":material/download:",
        on_click=_fetch,
    )
    if problem := st.session_state.pop(PROBLEM, None):
        notice(problem)


def _fetch() -> None:
    try:
        queue.submit("weights", {}, workspace=workspace(), name="MobileNetV2's weights", key=KEY, seconds_expected=20.0)
    except CnnError as error:
        st.session_state[PROBLEM] = str(error)
