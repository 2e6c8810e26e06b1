"""Requests to export a model, to import one, and to fetch the weights of a pretrained base."""

from typing import BinaryIO

from cnn.errors import ConfigError, ModelError
from cnn.jobs import queue
from cnn.jobs.queue import Job
from cnn.model import store
from cnn.model.exchange import admission, formats
from cnn.training.transfer_config import config_of

EXPORT, ADMIT, WEIGHTS = "export", "admit", "weights"
SECONDS_TO_ADMIT = 15
SECONDS_TO_FETCH_WEIGHTS = 20
BROUGHT = ", brought in"  # beside a model of the same name that was here before
_WEIGHTS_KEY = "weights of mobilenet_v2"


def export(card: store.Card, form: str, workspace: str) -> str:
    """Queue a conversion; whoever asks for it meanwhile gets the same job.

    Args:
        form: one of ``formats.FORMATS``.

    Returns:
        The job's id.

    Raises:
        JobError: the visitor has as many jobs as one may have.
    """
    return queue.submit(
        EXPORT,
        {"model": card.id, "form": form},
        workspace=workspace,
        name=f"{formats.FORMATS[form].title} of {card.title}"[: queue.MAX_NAME],
        key=_export_key(card, form),
        seconds_expected=seconds_to_export(card),
    )


def export_job(card: store.Card, form: str) -> Job | None:
    """The newest job that converts or converted this model, whoever asked for it."""
    return queue.latest(EXPORT, _export_key(card, form))


def seconds_to_export(card: store.Card) -> float:
    """How long a conversion takes on two cores: nearly all of it is the comparison, and that goes by the pixels."""
    height, width, _ = card.input_shape
    return 4 + 20 * height * width / 160**2


def admit(file: BinaryIO, name: str, workspace: str) -> str:
    """Check a model file and queue its admission; the job's id becomes the model's.

    Args:
        file: opened for reading.
        name: of the file, from the visitor.

    Raises:
        ModelError: it is refused, with the reason.
        JobError: the visitor has as many jobs as one may have.
    """
    id, brought = admission.receive(file, name)
    try:
        admission.remember_own_dataset(brought)
        settings = {"upload": id, "file": name, "config": config_of(brought.card["config"]).to_dict()}
        return queue.submit(
            ADMIT,
            settings,
            workspace=workspace,
            name=f"{brought.title.removesuffix(BROUGHT)}{BROUGHT}",
            seconds_expected=SECONDS_TO_ADMIT,
        )
    except ConfigError as error:
        admission.upload(id).unlink(missing_ok=True)
        raise ModelError(f"The card of this model is damaged or was changed, and {admission.EXPECTED}.") from error
    except BaseException:
        admission.upload(id).unlink(missing_ok=True)
        raise


def latest_admission(workspace: str) -> Job | None:
    """The visitor's newest job of ``admit``."""
    return next(iter(queue.jobs(kind=ADMIT, workspace=workspace)), None)


def fetch_weights(workspace: str) -> str:
    """Queue the fetching of MobileNetV2's weights; whoever asks for them meanwhile gets the same job.

    Raises:
        JobError: the visitor has as many jobs as one may have.
    """
    return queue.submit(
        WEIGHTS,
        {},
        workspace=workspace,
        name="MobileNetV2's weights",
        key=_WEIGHTS_KEY,
        seconds_expected=SECONDS_TO_FETCH_WEIGHTS,
    )


def weights_job() -> Job | None:
    """The newest job of ``fetch_weights``, whoever asked for it."""
    return queue.latest(WEIGHTS, _WEIGHTS_KEY)


def _export_key(card: store.Card, form: str) -> str:
    return f"export {card.fingerprint} {form}"
