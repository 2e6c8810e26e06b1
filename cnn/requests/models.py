"""Requests to export a model, to import one, and to fetch the weights of a pretrained base."""

from typing import BinaryIO

from cnn.errors import ConfigError, ModelError
from cnn.jobs import queue
from cnn.jobs.queue import Job
from cnn.model import store
from cnn.model.exchange import admission, formats
from cnn.training.transfer_config import config_of

EXPORT, IMPORT, WEIGHTS = "export", "admit", "weights"
SECONDS_TO_IMPORT = 15
SECONDS_TO_FETCH_WEIGHTS = 20
IMPORTED = ", brought in"  # tells an imported model from one of the same name that was here before
_WEIGHTS_KEY = "weights of mobilenet_v2"


def export_model(card: store.Card, form: str, workspace: str) -> str:
    """Queue the conversion of a model, or join the job that already converts it.

    Args:
        form: one of ``formats.FORMATS``.

    Returns:
        The job's id.

    Raises:
        JobError: the visitor has reached the limit of jobs.
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
    """The newest job of any visitor that converts or converted this model to ``form``."""
    return queue.latest(EXPORT, _export_key(card, form))


def seconds_to_export(card: store.Card) -> float:
    """The time of a conversion on two cores: mostly the comparison of answers, which grows with the pixels."""
    height, width, _ = card.input_shape
    return 4 + 20 * height * width / 160**2


def import_model(file: BinaryIO, name: str, workspace: str) -> str:
    """Check a model file and queue its import.

    Args:
        file: opened for reading.
        name: the visitor's name of the file.

    Returns:
        The job's id, which becomes the model's.

    Raises:
        ModelError: the file is refused, with the reason.
        JobError: the visitor has reached the limit of jobs.
    """
    id, checked_model = admission.receive(file, name)
    try:
        admission.remember_own_dataset(checked_model)
        settings = {"upload": id, "file": name, "config": config_of(checked_model.card["config"]).to_dict()}
        return queue.submit(
            IMPORT,
            settings,
            workspace=workspace,
            name=f"{checked_model.title.removesuffix(IMPORTED)}{IMPORTED}",
            seconds_expected=SECONDS_TO_IMPORT,
        )
    except ConfigError as error:
        admission.upload(id).unlink(missing_ok=True)
        raise ModelError(f"The card of this model is damaged or was changed, and {admission.EXPECTED}.") from error
    except BaseException:
        admission.upload(id).unlink(missing_ok=True)
        raise


def latest_import_job(workspace: str) -> Job | None:
    """The visitor's newest job of ``import_model``."""
    return next(iter(queue.jobs(kind=IMPORT, workspace=workspace)), None)


def fetch_weights(workspace: str) -> str:
    """Queue the download of MobileNetV2's weights, or join the job that already fetches them.

    Returns:
        The job's id.

    Raises:
        JobError: the visitor has reached the limit of jobs.
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
    """The newest job of ``fetch_weights`` of any visitor."""
    return queue.latest(WEIGHTS, _WEIGHTS_KEY)


def _export_key(card: store.Card, form: str) -> str:
    return f"export {card.fingerprint} {form}"
