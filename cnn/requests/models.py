"""Requests to export a model, to import one, to measure it later, and to fetch the weights of a pretrained base."""

import re
from typing import BinaryIO

from cnn.errors import ConfigError, ModelError
from cnn.jobs import job_limits, queue
from cnn.jobs.queue import Job
from cnn.model import store
from cnn.model.exchange import admission, foreign, formats
from cnn.model.exchange.pixel_scaling import pixel_scaling
from cnn.model.exchange.understood import read_understood
from cnn.requests.names import IMPORT as IMPORT
from cnn.requests.names import KEEP as KEEP
from cnn.requests.names import new_model_name
from cnn.training.transfer_config import config_of

EXPORT, WEIGHTS, INSPECT, MEASURE = "export", "weights", "inspect", "measure"
SECONDS_TO_IMPORT = 15
SECONDS_TO_KEEP = 30
SECONDS_TO_FETCH_WEIGHTS = 20
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


def import_model(file: BinaryIO, name: str, workspace: str, title: str | None = None) -> str:
    """Check a model file and queue its import, or, for a file of any Keras, a look at it before it is kept.

    Args:
        file: opened for reading.
        name: the visitor's name of the file.
        title: what the model is to be called, with a number if that is taken; None for the title that the file holds,
            or else the file's own name.

    Returns:
        The job's id, which becomes the model's if the file is from this app; see ``keep_model`` for others.

    Raises:
        ModelError: the file is refused, with the reason.
        JobError: the visitor has reached the limit of jobs.
    """
    job_limits.check_disk()
    id, checked_model = admission.receive(file, name)
    try:
        if checked_model is None:
            return queue.submit(
                INSPECT,
                {"upload": id, "file": name},
                workspace=workspace,
                name=title or name_from_file(name),
                seconds_expected=SECONDS_TO_IMPORT,
            )
        admission.remember_own_dataset(checked_model)
        config = checked_model.card["config"]
        if "brought" not in config:
            config = config_of(config).to_dict()
        settings = {"upload": id, "file": name, "config": config}
        with new_model_name(title or checked_model.title, workspace) as free:
            return queue.submit(IMPORT, settings, workspace=workspace, name=free, seconds_expected=SECONDS_TO_IMPORT)
    except ConfigError as error:
        admission.upload(id).unlink(missing_ok=True)
        raise ModelError(f"The card of this model is damaged or was changed, and {admission.EXPECTED}.") from error
    except BaseException:
        admission.upload(id).unlink(missing_ok=True)
        raise


def keep_model(inspected: Job, class_names: list[str], pixels: str, dataset: str | None, workspace: str) -> str:
    """Queue the making of a model out of a network that was looked at.

    Args:
        inspected: a finished job of kind ``INSPECT``.
        class_names: in the order of the network's answers; not used if ``dataset`` is given.
        pixels: one of ``pixel_scaling.PIXELS``.
        dataset: the data set whose classes it knows, or None.

    Returns:
        The job's id, which becomes the model's.

    Raises:
        ConfigError, ModelError: the names or the scaling do not suit the network.
        JobError: the visitor has reached the limit of jobs.
    """
    understood = read_understood(inspected.folder)
    pixel_scaling(pixels)
    names = foreign.check_class_names(class_names, understood) if dataset is None else []
    settings = {"class_names": names, "pixels": pixels, "dataset": dataset or foreign.matching_dataset(names)}
    settings |= {"inspected": inspected.id, "file": inspected.settings.get("file", inspected.name)}
    with new_model_name(inspected.name, workspace) as free:
        return queue.submit(KEEP, settings, workspace=workspace, name=free, seconds_expected=SECONDS_TO_KEEP)


def has_answers(card: store.Card) -> bool:
    """Whether a model's answers to images of its data set are kept; one that was brought in may not have been asked."""
    return any((card.folder / foreign.answers_file(split)).is_file() for split in ("validation", "test"))


def measure_model(card: store.Card, workspace: str) -> str:
    """Queue the asking of a model about the images of its data set, or join the job that already asks it.

    Returns:
        The job's id.

    Raises:
        JobError: the visitor has reached the limit of jobs.
    """
    return queue.submit(
        MEASURE,
        {"model": card.id},
        workspace=workspace,
        name=f"Scores of {card.title}"[: queue.MAX_NAME],
        key=_measure_key(card),
        seconds_expected=SECONDS_TO_KEEP,
    )


def measure_job(card: store.Card) -> Job | None:
    """The newest job of any visitor that measures or measured this model."""
    return queue.latest(MEASURE, _measure_key(card))


def latest_import_job(workspace: str) -> Job | None:
    """The visitor's newest job of ``import_model`` or ``keep_model``."""
    return next((job for job in queue.jobs(workspace=workspace) if job.kind in (IMPORT, INSPECT, KEEP)), None)


def name_from_file(name: str) -> str:
    """What a model is called that came as a file of this name, 1 to 80 characters.

    The ending goes, and so does the number that a browser adds to a file that was downloaded before, as in "mine (1)".
    """
    stem = re.sub(r"(?i)(?: \(\d+\))?\.(?:h5|hdf5|keras|zip)$", "", re.split(r"[/\\]", name)[-1])
    return " ".join(stem.split())[: queue.MAX_NAME].rstrip() or "Model"


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


def _measure_key(card: store.Card) -> str:
    return f"measure {card.fingerprint}"


def _export_key(card: store.Card, form: str) -> str:
    return f"export {card.fingerprint} {form}"
