"""A study of a model on a page: the button that requests it, its progress, and its result."""

from functools import partial

from cnn.analysis import studies
from cnn.model import store
from pages.shell.workspace import workspace
from pages.widgets.job_request import request_job


def study_result(
    card: store.Card, study: str, settings: studies.Settings, *, label: str, seconds: float, page: str
) -> studies.StudyResult | None:
    """The result of a study; None while there is none, and then the button or the progress is shown.

    Args:
        label: of the button.
        seconds: expected duration, shown beside the button.
        page: prefix of the page's widget keys.
    """
    result = studies.result(card, study, settings)
    if result is None:
        submit = partial(studies.request, card, study, settings, workspace=workspace(), seconds=seconds)
        job = studies.job(card, study, settings)
        request_job(job, submit, label=label, key=f"{page}.study.{study}", seconds=seconds)
    return result
