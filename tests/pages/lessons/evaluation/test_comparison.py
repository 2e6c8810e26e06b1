"""Comparison of two models of one data set: their predictions, their robustness and their maps."""

import numpy as np
import pyarrow
import pytest
from scipy.stats import binomtest
from streamlit.testing.v1 import AppTest

from cnn.analysis import studies
from cnn.analysis.evaluation.embedding import same_class_neighbours
from cnn.analysis.evaluation.intervals import in_brief
from cnn.analysis.evaluation.metrics import calibration, calibration_error_floor, confusion_counts
from cnn.jobs import queue
from cnn.model import store
from tests.pages.lessons.evaluation.saved_models import save_model
from tests.pages.on_screen import linked_pages, mentions
from tests.pages.opening import open_page, texts


def compare_with(id: str, probabilities: np.ndarray, **query: str) -> tuple[AppTest, str]:
    """The comparison of digits-tutorial with a run of this visitor, and that run's id."""
    at = open_page("evaluation.py", level="lab", **{"evaluation.view": "compare"} | query)
    id = save_model(id, at.session_state["shell.workspace"], probabilities, "validation")
    at.run()
    assert not at.exception
    return at, id


def test_without_another_model_training_one_is_offered(held_out_predictions) -> None:
    at = open_page("evaluation.py", level="lab", **{"evaluation.view": "compare"})
    assert "evaluation.other" not in {box.key for box in at.selectbox}
    assert "training?dataset=digits" in linked_pages(at)


def test_predictions_are_compared_on_the_images_on_which_they_differ(held_out_predictions) -> None:
    probabilities, labels = held_out_predictions
    other_probabilities = probabilities.copy()
    other_probabilities[:40] = np.roll(other_probabilities[:40], 1, axis=1)  # predicts the next class instead
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    other_probabilities[wrong[-2:]] = np.eye(10)[labels[wrong[-2:]]]
    at, id = compare_with("differing-model", other_probabilities)
    assert at.selectbox(key="evaluation.other").value == id
    first, second = probabilities.argmax(axis=1), other_probabilities.argmax(axis=1)
    only_first, only_second = (
        ((first == labels) & (second != labels)).sum(),
        ((second == labels) & (first != labels)).sum(),
    )
    both_wrong = (first != labels) & (second != labels)
    assert only_second >= 1
    assert mentions(at, only_first + only_second, only_first, only_second, "unlikely to be chance")
    assert binomtest(int(only_second), int(only_first + only_second)).pvalue < 0.001
    assert mentions(at, "0.1", "100", "McNemar")
    assert mentions(at, only_first, 144)
    assert mentions(at, both_wrong.sum(), (both_wrong & (first != second)).sum())
    accuracies, scores, changes = (table.value for table in at.table)
    assert list(accuracies["accuracy"]) == [
        in_brief(int((predicted == labels).sum()), 144) for predicted in (first, second)
    ]
    errors = [calibration(values, labels).error for values in (probabilities, other_probabilities)]
    floors = [calibration_error_floor(values) for values in (probabilities, other_probabilities)]
    assert list(accuracies["probabilities off by"]) == [
        f"{100 * error:.1f} points (by chance alone: {100 * low:.1f} to {100 * high:.1f})"
        for error, (low, high) in zip(errors, floors, strict=True)
    ]
    recall = (second[labels == 4] == 4).mean()
    assert scores.loc["4", "recall, the other"] == f"{100 * recall:.0f}\u00a0%"
    before, after = (confusion_counts(labels, predicted, 10) for predicted in (first, second))
    change = np.abs(after - before) * (1 - np.eye(10, dtype=int))
    assert abs(int(changes.iloc[0, 1]) - int(changes.iloc[0, 0])) == change.max()


def test_a_model_with_equal_predictions_is_not_called_better(held_out_predictions) -> None:
    at, _ = compare_with("same-model", held_out_predictions[0])
    assert "nothing tells which is better" in texts(at)


@pytest.mark.parametrize(("aspect", "study"), [("stand", "robustness"), ("maps", "map")])
def test_each_model_not_studied_yet_has_its_own_button(aspect: str, study: str, held_out_predictions) -> None:
    at, id = compare_with(f"compared-{aspect}", held_out_predictions[0], **{"evaluation.compared": aspect})
    keys = [f"evaluation.{side}.study.{study}" for side in ("here", "there")]
    assert [button.key for button in at.button if ".study." in (button.key or "")] == keys
    at.button(key=keys[1]).click().run()
    assert not at.exception
    (job,) = queue.jobs(kind="study")
    assert job.settings == {"model": id, "study": study, "settings": {"split": "validation"}}
    buttons = [button.key for button in at.button if ".study." in (button.key or "")]
    assert buttons == [keys[0], f"{keys[1]}.cancel"]


def test_the_robustness_of_both_models_is_in_one_chart(held_out_predictions, tmp_path) -> None:
    at, id = compare_with("compared-stand", held_out_predictions[0], **{"evaluation.compared": "stand"})
    for model in ("digits-tutorial", id):
        settings = {"model": model, "study": "robustness", "settings": {"split": "validation"}}
        studies.run_job(tmp_path, settings, lambda event: None, lambda: False)
    at.run()
    at.selectbox(key="evaluation.disturbance").set_value("rotation").run()
    assert not at.exception
    (chart,) = at.get("vega_lite_chart")
    tables = [pyarrow.ipc.open_stream(dataset.data.data).read_pandas() for dataset in chart.proto.datasets]
    lines = {table["network"].iloc[0]: table["value"].tolist() for table in tables if "network" in table}
    correct = studies.result(store.card(id), "robustness", {"split": "validation"})["rotation"]
    percentages = pytest.approx((100 * correct / 144).tolist())
    assert lines == {
        "this one: Simple CNN on Handwritten digits": percentages,
        f"the other: {store.card(id).title}": percentages,
    }
    # The same network twice: neither can lose more.
    assert f"**Neither clearly loses more**: at worst, this one goes from {100 * correct[4] / 144:.0f}" in texts(at)


def test_both_maps_are_shown_with_their_same_class_neighbours(held_out_predictions, tmp_path) -> None:
    at, id = compare_with("compared-maps", held_out_predictions[0], **{"evaluation.compared": "maps"})
    for model in ("digits-tutorial", id):
        studies.run_job(
            tmp_path,
            {"model": model, "study": "map", "settings": {"split": "validation"}},
            lambda event: None,
            lambda: False,
        )
    at.run()
    at.selectbox(key="evaluation.layout").set_value("pca").run()
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 2
    result = studies.result(store.card(id), "map", {"split": "validation"})
    same, by_chance = same_class_neighbours(result["pca"], held_out_predictions[1][result["positions"]], 5)
    lines = [line for line in texts(at).splitlines() if f"**{same:.1f}**" in line and f"{by_chance:.1f}." in line]
    assert len(lines) == 2
    assert 2 < same < 5
