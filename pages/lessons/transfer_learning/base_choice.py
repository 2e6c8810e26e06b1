"""The choice of a pretrained base, and the download of its weights on request."""

from functools import partial

from cnn.model import mobilenet_weights, pretrained_bases
from cnn.model.pretrained_bases import BASES, Base
from cnn.pretrained.transfer_results import WEIGHTS_NOTE, measured
from cnn.requests import models as model_requests
from pages.shell.page_layout import prose
from pages.shell.text import percent
from pages.shell.workspace import workspace
from pages.widgets import linked_inputs
from pages.widgets.job_request import is_under_way, request_job


def choose_base(page: str) -> Base:
    """The selected base, among those whose weights are on this machine.

    Args:
        page: prefix of the page's widget keys.
    """
    titles = {base.name: base.title for base in BASES.values() if pretrained_bases.has_weights(base.name)}
    name = linked_inputs.choice(f"{page}.base", "Base", titles, width=220)
    return BASES[name]


def offer_weights(page: str) -> None:
    """Offer MobileNetV2's weights for download, if they are not on this machine.

    Args:
        page: prefix of the page's widget keys.
    """
    if pretrained_bases.has_weights("mobilenet_v2"):
        return
    job = model_requests.weights_job()
    if not is_under_way(job):
        _describe_weights()
    request_job(
        job,
        partial(model_requests.fetch_weights, workspace()),
        label=f"Download MobileNetV2's weights ({mobilenet_weights.WEIGHTS_BYTES / 1e6:.0f} MB)",
        key=f"{page}.weights",
        icon=":material/download:",
        help="They are fetched once from storage.googleapis.com, and then kept for everyone.",
        type="secondary",
    )


def _describe_weights() -> None:
    """What the weights are, and how much accuracy the built-in base costs."""
    results = measured()
    mobilenet, built_in = (
        percent(results[name]["validation"]["correct"] / results[name]["validation"]["count"])
        for name in ("mobilenet_v2 0", "built-in 0")
    )
    prose(
        "**MobileNetV2** has learned from 1.3 million photos, but its weights are not on this machine yet. Until then "
        "there is **the built-in base**, a small network that has learned from tiny photos. On cats and dogs, a head "
        f"on the built-in base is right on {built_in} of the validation photos, one on MobileNetV2 on {mobilenet}. "
        f"{WEIGHTS_NOTE}"
    )
