"""Evaluation, opened cold: every question, on real answers; its code runs."""

import numpy as np
import pytest

from cnn.analysis.evaluation import best_temperature, calibration, confusion, largest_mistake, likely_label_errors
from cnn.data import catalog
from cnn.model import store
from tests.pages.opening import open_page, texts


@pytest.fixture
def answers(digits) -> tuple[np.ndarray, np.ndarray]:
    """What digits-tutorial says to the test images, and their labels."""
    file = store.card("digits-tutorial").folder / "test_probabilities.npy"
    return np.load(file).astype(np.float32), catalog.load("digits", "test").labels


def test_it_opens_on_the_largest_mistake(answers) -> None:
    probabilities, labels = answers
    truth, said = largest_mistake(confusion(labels, probabilities.argmax(axis=1), 10))
    at = open_page("evaluation.py")
    assert f"**{truth}, taken for {said}**: " in texts(at)
    assert "on 360 test images of Handwritten digits" in texts(at)


def test_it_says_how_sure_it_may_be(answers) -> None:
    probabilities, labels = answers
    at = open_page("evaluation.py", **{"evaluation.view": "sure"})
    held_out = np.load(store.card("digits-tutorial").folder / "validation_probabilities.npy").astype(np.float32)
    temperature = best_temperature(held_out, catalog.load("digits", "validation").labels)
    assert f"**{100 * calibration(probabilities, labels).error:.1f} points**" in texts(at)
    assert f"divided by **{temperature:.2f}** · temperature" in texts(at)


@pytest.mark.parametrize("question", ["classes", "doubt", "labels", "mistakes"])
def test_the_lab_asks_more(question: str, answers) -> None:
    at = open_page("evaluation.py", level="lab", **{"evaluation.view": question})
    assert not at.exception
    if question == "labels":
        assert f"**{len(likely_label_errors(*answers)):,} test images" in texts(at)
    if question == "classes":
        assert list(at.table[0].value.columns)[1] == "found · recall"


def test_a_data_set_that_is_not_here_is_offered() -> None:
    at = open_page("evaluation.py", model="cifar10-tutorial")
    assert "66.4 %" in texts(at)
    assert at.button(key="images.prepare").label.startswith("Download CIFAR-10")


def test_answers_that_were_not_kept_are_said_to_be_missing(answers, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page("evaluation.py", **{"evaluation.view": "sure"})
    from pages.shared import loading

    kept = loading._answers

    def damaged(id: str, created: float, split: str):
        if split == "validation":
            raise OSError("gone")
        return kept(id, created, split)

    monkeypatch.setattr(loading, "_answers", damaged)
    at.run()
    assert "gave to the validation images were not kept, or are damaged" in texts(at)


def test_the_code_gives_the_same_table(tmp_path, monkeypatch: pytest.MonkeyPatch, answers, capsys) -> None:
    at = open_page("evaluation.py")
    store.load("digits-tutorial").save(tmp_path / "model.keras")
    monkeypatch.chdir(tmp_path)
    test = catalog.load("digits", "test")
    made: dict = {"x_test": test.take(range(len(test))), "y_test": test.labels}
    exec(str(at.get("code")[0].value), made)
    np.testing.assert_array_equal(made["table"], confusion(answers[1], answers[0].argmax(axis=1), 10))
    assert "precision" in capsys.readouterr().out
