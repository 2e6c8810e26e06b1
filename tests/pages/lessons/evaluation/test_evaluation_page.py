"""The Evaluation page, opened cold: its questions on real predictions, missing data, and its code."""

import re

import numpy as np
import pytest
from tensorflow_datasets.core import constants

from cnn.analysis.evaluation.best_of_many import best_guesser
from cnn.analysis.evaluation.intervals import in_words
from cnn.analysis.evaluation.metrics import (
    best_temperature,
    calibration,
    calibration_error_floor,
    confusion_counts,
    likely_label_errors,
    most_frequent_confusion,
)
from cnn.analysis.evaluation.robustness import AccuracyLoss
from cnn.data import catalog
from cnn.home import home
from cnn.model import store
from pages.lessons.evaluation.calibration import CERTAIN, describe_floor, describe_temperature
from pages.lessons.evaluation.comparison_charts import who_loses_more
from pages.shell.text import percent
from tests.pages.lessons.evaluation.saved_models import save_model
from tests.pages.on_screen import mentions
from tests.pages.opening import open_page, texts


def test_it_opens_on_the_most_frequent_confusion(predictions) -> None:
    probabilities, labels = predictions
    matrix = confusion_counts(labels, probabilities.argmax(axis=1), 10)
    true_class, predicted = most_frequent_confusion(matrix)
    at = open_page("evaluation.py")
    assert mentions(at, true_class, predicted, matrix[true_class, predicted], matrix[true_class].sum())
    assert mentions(at, "The final exam", 360, "Opened on")


def test_it_gives_the_calibration_error_and_the_temperature(predictions) -> None:
    probabilities, labels = predictions
    at = open_page("evaluation.py", **{"evaluation.view": "sure"})
    validation = np.load(store.card("digits-tutorial").folder / "validation_probabilities.npy").astype(np.float32)
    temperature = best_temperature(validation, catalog.load("digits", "validation").labels)
    assert f"**{100 * calibration(probabilities, labels).error:.1f} points**" in texts(at)
    assert mentions(at, f"{temperature:.2f}", "temperature")
    low, high = (f"{100 * end:.1f}" for end in calibration_error_floor(probabilities))
    assert mentions(at, f"{len(labels)} images", low, high)


def test_a_calibration_error_within_its_floor_is_called_chance() -> None:
    assert "may be nothing but chance" in describe_floor(0.05, (0.026, 0.051), 360)
    assert "more than chance" in describe_floor(0.052, (0.026, 0.051), 360)
    near, far, floor = (0.04, (0.026, 0.051)), (0.09, (0.026, 0.051)), (0.026, 0.051)
    assert "Here there is little to mend" in describe_temperature(1.3, near, near)
    assert "too sure of itself. One number mends all that can be told from chance" in describe_temperature(
        1.3, far, near
    )
    assert "One number mends much of it" in describe_temperature(1.3, far, (0.06, floor))
    assert "One number for all of them changes little" in describe_temperature(0.8, far, (0.08, floor))


def test_a_balanced_data_set_has_no_balanced_accuracy(predictions) -> None:
    assert "balanced accuracy" not in texts(open_page("evaluation.py"))


@pytest.mark.parametrize("question", ["classes", "doubt", "labels", "mistakes"])
def test_the_lab_level_has_more_questions(question: str, predictions) -> None:
    at = open_page("evaluation.py", level="lab", **{"evaluation.view": question})
    assert not at.exception
    if question == "labels":
        assert mentions(at, f"{len(likely_label_errors(*predictions)):,}", "test images")
        # It contradicts no label, so there is nothing to vote on.
        assert {control.key for control in at.segmented_control} == {"shell.level", "evaluation.view"}
    if question == "classes":
        assert list(at.table[0].value.columns)[1].endswith("(recall)")


def test_a_loss_that_may_be_chance_is_not_called_larger() -> None:
    def loss(undisturbed: int, worst: int, strength: float) -> AccuracyLoss:
        return AccuracyLoss(np.arange(1000) < undisturbed, np.arange(1000)[::-1] < worst, strength)

    kept, lost, nearly = loss(900, 850, 80), loss(900, 300, 60), loss(900, 302, 60)
    assert who_loses_more({"this one": kept, "the other": lost}).startswith("**The other loses more**: at worst, this")
    assert who_loses_more({"this one": lost, "the other": kept}).startswith("**This one loses more**")
    assert who_loses_more({"this one": lost, "the other": nearly}).startswith("**Neither clearly loses more**")
    assert "the other goes from 90 % to 30 % (at 60), 60 points" in who_loses_more(
        {"this one": kept, "the other": lost}
    )


def test_a_missing_data_set_is_offered() -> None:
    at = open_page("evaluation.py", model="cifar10-tutorial")
    assert in_words(*store.card("cifar10-tutorial").test).replace("\N{NO-BREAK SPACE}", " ") in texts(at)
    assert catalog.info("cifar10").title in at.button(key="images.prepare").label


def test_missing_predictions_are_reported(predictions) -> None:
    id = save_model("incomplete-model", "somebody", predictions[0])
    (home() / "runs" / id / "validation_probabilities.npy").unlink()
    at = open_page("evaluation.py", model=id, **{"evaluation.view": "sure"})
    assert "gave to the validation images were not kept, or are damaged" in texts(at)


def test_its_code_gives_the_same_confusion_matrix(
    tmp_path, monkeypatch: pytest.MonkeyPatch, predictions, capsys
) -> None:
    at = open_page("evaluation.py")
    store.load("digits-tutorial").save(tmp_path / "model.keras")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(constants, "DATA_DIR", str(tmp_path / "tfds"))
    variables: dict = {}
    exec(str(at.get("code")[0].value), variables)
    probabilities, labels = predictions
    np.testing.assert_array_equal(variables["table"], confusion_counts(labels, probabilities.argmax(axis=1), 10))
    assert "precision" in capsys.readouterr().out


def test_it_counts_how_many_nearly_certain_answers_are_right(predictions) -> None:
    probabilities, labels = predictions
    certain = probabilities.max(axis=1) >= CERTAIN
    correct = int((probabilities.argmax(axis=1) == labels)[certain].sum())
    at = open_page("evaluation.py", **{"evaluation.view": "sure"})
    assert mentions(at, percent(CERTAIN), int(certain.sum()), len(labels), correct)


@pytest.mark.parametrize("guessers", [1, 1000])
def test_the_best_of_many_guessers_is_tried_on_other_images(predictions, guessers: int) -> None:
    _, labels = predictions
    best = best_guesser(labels, 10, guessers, 100, seed=3)
    query = {"evaluation.view": "exam", "evaluation.guessers": str(guessers), "evaluation.guessers.seed": "3"}
    at = open_page("evaluation.py", **query)
    found = [re.findall(r"\d+", metric.value) for metric in at.metric]
    assert found == [[str(best.chosen)], [str(best.again)]]
    assert mentions(at, f"{best.images} test images")
