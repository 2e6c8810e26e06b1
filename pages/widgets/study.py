"""A study of the model in hand on a page: the button that asks for it, its progress, and what it found."""

from functools import partial

from cnn.analysis import studies
from cnn.model import store
from pages.shell.workspace import workspace
from pages.widgets.job_request import request_job


def study_result(
    card: store.Card, study: str, settings: studies.Settings, *, label: str, seconds: float, page: str
) -> studies.StudyResult | None:
    """What a study found; while it has not been done, the button or the progress, and None.

    Args:
        label: of the button.
        seconds: how long it takes, said beside the button.
        page: prefix of the page's widget keys.
    """
    found = studies.result(card, study, settings)
    if found is None:
        ask = partial(studies.request, card, study, settings, workspace=workspace(), seconds=seconds)
        job = studies.job(card, study, settings)
        request_job(job, ask, label=label, key=f"{page}.study.{study}", seconds=seconds)
    return found
