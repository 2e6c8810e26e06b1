"""A data folder that version 0.1 left behind opens: runs, a queued job, a visitor's own data set, a study.

``home_of_version_0_1.zip`` was made by that version: a finished run, one that was interrupted in its second epoch of
three, a study of the finished one, own images, and a model whose admission was still queued.
"""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from cnn.analysis import studies
from cnn.analysis.epoch_history import weights_of
from cnn.data import catalog
from cnn.data.own import own_datasets
from cnn.jobs import queue, worker
from cnn.model import store
from cnn.model.predict import predictor
from cnn.training.run_summary import summarise_run

VISITOR = "visitor-of-version-0-1"
DATASET = "own-VuoBxcazJDgyjZ1B-_PzgQ"
FINISHED, INTERRUPTED, STUDY, QUEUED = (
    "zsrFULq3KEzBgb4DzXgI1w",
    "UfLB_C6fPt7G-3kuI0uTYw",
    "sYQAyMiSjKNImSITQlAw9w",
    "Is_uoAQUGed8AsbWC5uUUg",
)


@pytest.fixture(autouse=True)
def old_home(cnn_home: Path) -> Path:
    """A ``CNN_HOME`` as version 0.1 left it."""
    with zipfile.ZipFile(Path(__file__).with_name("home_of_version_0_1.zip")) as archive:
        archive.extractall(cnn_home)
    return cnn_home


def test_its_jobs_are_listed_as_they_were_left():
    states = {job.id: job.state for job in queue.jobs(workspace=VISITOR)}
    assert {id: states[id] for id in (FINISHED, INTERRUPTED, STUDY, QUEUED)} == {
        FINISHED: "finished",
        INTERRUPTED: "interrupted",
        STUDY: "finished",
        QUEUED: "queued",
    }


def test_its_own_images_are_a_data_set():
    assert own_datasets.names(VISITOR) == [DATASET]
    info, train = catalog.info(DATASET), catalog.load(DATASET, "train")
    assert (info.title, info.class_names, len(train)) == ("Stars and hearts", ("heart", "star"), 6)
    assert train.image(0).shape == (32, 32, 3)


def test_its_finished_run_is_a_model_that_answers_as_it_did_and_keeps_its_epochs():
    card = store.card(FINISHED)
    assert (card.title, card.workspace, card.epochs) == ("Finished run", VISITOR, 2)
    test = catalog.load(DATASET, "test")
    answers = predictor(store.load(FINISHED))(test.take(range(len(test))))
    np.testing.assert_allclose(answers, np.load(card.folder / "test_probabilities.npy"), atol=1e-3)
    assert list(weights_of(card)) == [0, 1, 2]


def test_its_interrupted_run_goes_on_where_it_was(old_home):
    queue.resume(INTERRUPTED, VISITOR)
    assert worker.run_job(str(old_home), INTERRUPTED) == "finished"
    summary = summarise_run(queue.read_events(INTERRUPTED)[0])
    assert [epoch["epoch"] for epoch in summary.epochs] == [1, 2, 3]
    assert summary.start is not None and summary.start["first_epoch"] == 1
    assert store.card(INTERRUPTED).epochs == 3


def test_its_queued_job_of_a_kind_that_is_called_otherwise_now_is_carried_out(old_home):
    assert worker.run_job(str(old_home), QUEUED) == "finished"
    assert store.card(QUEUED).class_names == ("heart", "star")


def test_its_study_is_found_and_not_asked_for_again():
    card = store.card(FINISHED)
    result = studies.result(card, "robustness", {})
    assert result is not None and result["count"] == 2
    job = studies.job(card, "robustness", {})
    assert job is not None and job.id == STUDY
