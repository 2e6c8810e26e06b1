"""Asking for what becomes of a model beyond this app: other formats of it, and models that come from elsewhere."""

from typing import BinaryIO

from cnn.errors import ConfigError, ModelError
from cnn.jobs import queue
from cnn.model import store
from cnn.model.exchange import admission, formats
from cnn.training.transfer_config import config_of

ADMISSION = "admit"
SECONDS_TO_ADMIT = 15
BROUGHT = ", brought in"  # beside a model of the same name that was here before


def key(card: store.Card, form: str) -> str:
    """Names one conversion among all jobs."""
    return f"export {card.fingerprint} {form}"


def request(card: store.Card, form: str, *, workspace: str, seconds: float | None = None) -> str:
    """Queue a conversion; who asks for the same meanwhile gets the same job.

    Args:
        form: one of ``cnn.model.exchange.formats.FORMS``.
        seconds: how long it will take, for the waiting time of those behind.

    Returns:
        The job's id.

    Raises:
        JobError: the visitor has as many jobs as one may have.
    """
    return queue.submit(
        "export",
        {"model": card.id, "form": form},
        workspace=workspace,
        name=f"{formats.FORMS[form].title} of {card.title}"[: queue.MAX_NAME],
        key=key(card, form),
        seconds_expected=seconds,
    )


def bring(file: BinaryIO, name: str, workspace: str) -> str:
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
        admission.know_own_set(brought)
        settings = {"upload": id, "file": name, "config": config_of(brought.card["config"]).to_dict()}
        return queue.submit(
            ADMISSION,
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
