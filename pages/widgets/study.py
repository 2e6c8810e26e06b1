"""What takes a job to know of a model, on a page: the button that asks for it, the job's progress, and the result."""

from functools import partial

import streamlit as st

from cnn.analysis import studies
from cnn.data import catalog
from cnn.model import store
from cnn.requests import models as model_requests
from pages.shell.page_layout import notice, prose
from pages.shell.text import literal
from pages.shell.workspace import workspace
from pages.widgets.dataset_preparation import offer_preparation
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


def answers_at_hand(card: store.Card) -> bool:
    """Whether a model's answers are kept; if not, shows the button that evaluates it, or what has to be there first."""
    if model_requests.has_answers(card):
        return True
    title, dataset = literal(card.title), catalog.info(card.dataset)
    with st.container(key="study.no_answers"):
        if catalog.is_prepared(card.dataset):
            prose(
                f"**{title}** has not been evaluated on {literal(dataset.title)} here: nobody has asked it yet what "
                "the images show."
            )
            request_job(
                model_requests.measure_job(card),
                partial(model_requests.measure_model, card, workspace()),
                label="Evaluate it",
                key="study.answers",
                seconds=model_requests.SECONDS_TO_KEEP,
            )
        elif dataset.own:
            notice(
                f"There are no images of the classes of “{title}” here, so nobody can say how good it is. Try it on "
                "photos of your own: on Predict, and on the pages that follow an answer."
            )
        else:
            prose(f"**{title}** has not been evaluated on {literal(dataset.title)}: the images are not here yet.")
            offer_preparation(card.dataset)
    return False
