"""Evaluation, opened cold: every question, on real answers; its code runs."""

import json
import shutil

import numpy as np
import pyarrow
import pytest
from scipy.stats import binomtest
from streamlit.testing.v1 import AppTest

from cnn.analysis import studies
from cnn.analysis.evaluation import label_votes
from cnn.analysis.evaluation.embedding import same_class_neighbours
from cnn.analysis.evaluation.intervals import in_brief
from cnn.analysis.evaluation.metrics import (
    best_temperature,
    calibration,
    confusion_counts,
    likely_label_errors,
    most_frequent_confusion,
)
from cnn.analysis.evaluation.robustness import AccuracyLoss
from cnn.data import catalog
from cnn.home import home
from cnn.jobs import queue
from cnn.model import store
from pages.lessons.evaluation.comparison_charts import who_loses_more
from pages.lessons.evaluation.guessing import half_wrong
from tests.pages.opening import open_page, texts


@pytest.fixture
def answers(digits) -> tuple[np.ndarray, np.ndarray]:
    """What digits-tutorial says to the test images, and their labels."""
    file = store.card("digits-tutorial").folder / "test_probabilities.npy"
    return np.load(file).astype(np.float32), catalog.load("digits", "test").labels


def test_it_opens_on_the_largest_mistake(answers) -> None:
    probabilities, labels = answers
    truth, said = most_frequent_confusion(confusion_counts(labels, probabilities.argmax(axis=1), 10))
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
        # It doubts none, so there is nothing to vote on.
        assert [each.key for each in at.segmented_control] == ["shell.level"]
    if question == "classes":
        assert list(at.table[0].value.columns)[1] == "found · recall"


def another_model(id: str, workspace: str, probabilities: np.ndarray) -> str:
    """A run of this visitor on digits that gave these answers to the test images; answers are cached by its id."""
    folder = home() / "runs" / id
    shutil.copytree(store.PRETRAINED / "digits-tutorial", folder)
    (folder / "config.json").write_text(json.dumps({"name": "My second", "workspace": workspace}))
    np.save(folder / "test_probabilities.npy", probabilities.astype(np.float16))
    return folder.name


@pytest.fixture
def doubting(answers) -> tuple[str, np.ndarray]:
    """A model that doubts the labels of the first three test images, and its answers."""
    probabilities = answers[0].copy()
    probabilities[:3] = np.eye(10)[(answers[1][:3] + 1) % 10]
    return another_model("doubting-model", "somebody", probabilities), probabilities


def test_without_another_model_it_says_how_to_get_one(answers) -> None:
    at = open_page("evaluation.py", level="lab", **{"evaluation.view": "compare"})
    assert "There is no other network for Handwritten digits yet" in texts(at)
    assert "Train another one" in [element.proto.label for element in at.get("page_link")]


def test_two_models_are_compared_on_the_images_on_which_they_differ(answers) -> None:
    probabilities, labels = answers
    theirs = probabilities.copy()
    theirs[:40] = np.roll(theirs[:40], 1, axis=1)  # of the first 40 images it says the next class
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    theirs[wrong[-2:]] = np.eye(10)[labels[wrong[-2:]]]
    at = open_page("evaluation.py", level="lab", **{"evaluation.view": "compare"})
    id = another_model("differing-model", at.session_state["shell.workspace"], theirs)
    at.run()
    assert not at.exception
    assert at.selectbox(key="evaluation.other").value == id
    said, says = probabilities.argmax(axis=1), theirs.argmax(axis=1)
    first, second = ((said == labels) & (says != labels)).sum(), ((says == labels) & (said != labels)).sum()
    both_wrong = (said != labels) & (says != labels)
    assert second >= 2
    assert (
        f"**Of {first + second} images on which only one is right, this one has {first} and the other {second}: "
        "hardly chance.**"
    ) in texts(at)
    assert binomtest(int(second), int(first + second)).pvalue < 0.001
    assert "in under 0.1 of 100 cases" in texts(at)
    assert f"**Only this one is right**: {first} of 360 test images" in texts(at)
    assert f"both wrong on {both_wrong.sum()}; on {(both_wrong & (said != says)).sum()} of those" in texts(at)
    numbers, classes, changes = (table.value for table in at.table)
    assert list(numbers["accuracy"]) == [in_brief(int((answer == labels).sum()), 360) for answer in (said, says)]
    errors = [calibration(each, labels).error for each in (probabilities, theirs)]
    assert list(numbers["probabilities off by"]) == [f"{100 * error:.1f} points" for error in errors]
    recall = (says[labels == 4] == 4).mean()
    assert classes.loc["4", "recall, the other"] == f"{100 * recall:.0f}\u00a0%"
    before, after = (confusion_counts(labels, answer, 10) for answer in (said, says))
    change = np.abs(after - before) * (1 - np.eye(10, dtype=int))
    assert abs(int(changes.iloc[0, 1]) - int(changes.iloc[0, 0])) == change.max()


def test_a_network_that_says_the_same_is_not_called_better(answers) -> None:
    at = open_page("evaluation.py", level="lab", **{"evaluation.view": "compare"})
    another_model("same-model", at.session_state["shell.workspace"], answers[0])
    at.run()
    assert not at.exception
    assert "nothing tells which is better" in texts(at)


def compared_with_another(what: str, probabilities: np.ndarray) -> tuple[AppTest, str]:
    """The comparison of digits-tutorial with a run of this visitor, and that run's id."""
    at = open_page("evaluation.py", level="lab", **{"evaluation.view": "compare", "evaluation.compared": what})
    id = another_model(f"compared-{what}", at.session_state["shell.workspace"], probabilities)
    at.run()
    assert not at.exception
    return at, id


@pytest.mark.parametrize(("what", "study"), [("stand", "robustness"), ("maps", "map")])
def test_each_network_that_was_not_studied_has_its_own_button(what: str, study: str, answers, tmp_path) -> None:
    at, id = compared_with_another(what, answers[0])
    keys = [f"evaluation.{side}.study.{study}" for side in ("here", "there")]
    assert [button.key for button in at.button if ".study." in (button.key or "")] == keys
    at.button(key=keys[1]).click().run()
    assert not at.exception
    (job,) = queue.jobs(kind="study")
    assert job.settings == {"model": id, "study": study, "settings": {}}
    assert [button.key for button in at.button if ".study." in (button.key or "")] == keys[:1]


def test_what_both_can_stand_is_in_one_chart(answers, tmp_path) -> None:
    at, id = compared_with_another("stand", answers[0])
    for model in ("digits-tutorial", id):
        asked = {"model": model, "study": "robustness", "settings": {}}
        studies.run_job(tmp_path, asked, lambda event: None, lambda: False)
    at.run()
    at.selectbox(key="evaluation.disturbance").set_value("rotation").run()
    assert not at.exception
    (chart,) = at.get("vega_lite_chart")
    tables = [pyarrow.ipc.open_stream(each.data.data).read_pandas() for each in chart.proto.datasets]
    drawn = {table["network"].iloc[0]: table["value"].tolist() for table in tables if "network" in table}
    right = studies.result(store.card(id), "robustness", {})["rotation"]
    percents = pytest.approx((100 * right / 360).tolist())
    assert drawn == {"this one: digits-tutorial": percents, f"the other: {store.card(id).title}": percents}
    # The same network twice: neither can lose more.
    assert f"**Neither clearly loses more**: at worst, this one goes from {100 * right[4] / 360:.0f}" in texts(at)


def test_their_maps_lie_side_by_side_with_a_number_each(answers, tmp_path) -> None:
    at, id = compared_with_another("maps", answers[0])
    for model in ("digits-tutorial", id):
        studies.run_job(tmp_path, {"model": model, "study": "map", "settings": {}}, lambda event: None, lambda: False)
    at.run()
    at.selectbox(key="evaluation.layout").set_value("pca").run()
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 2
    found = studies.result(store.card(id), "map", {})
    same, by_chance = same_class_neighbours(found["pca"], answers[1][found["positions"]], 5)
    assert texts(at).count(f"**{same:.1f}** are of its class, on average; in a random order, {by_chance:.1f}.") == 2
    assert 2 < same < 5


def test_a_loss_that_may_be_chance_is_not_called_larger() -> None:
    kept, lost = AccuracyLoss(900, 850, 1000, 80), AccuracyLoss(900, 300, 1000, 60)
    nearly = AccuracyLoss(900, 320, 1000, 60)
    assert who_loses_more({"this one": kept, "the other": lost}).startswith("**The other loses more**: at worst, this")
    assert who_loses_more({"this one": lost, "the other": kept}).startswith("**This one loses more**")
    assert who_loses_more({"this one": lost, "the other": nearly}).startswith("**Neither clearly loses more**")
    assert "the other goes from 90 % to 30 % (at 60), 60 points" in who_loses_more(
        {"this one": kept, "the other": lost}
    )


def test_the_label_is_not_shown_before_the_guess_and_the_score_is_kept(answers) -> None:
    probabilities, labels = answers
    said = probabilities.argmax(axis=1)
    places = half_wrong(said == labels, seed=1)
    at = open_page("evaluation.py", **{"evaluation.view": "guess"})
    key = "evaluation.guess.digits-tutorial"
    yours = its = 0
    for number, place in enumerate(places[:4].tolist()):
        assert "The label says" not in texts(at)
        assert "The network says" not in texts(at)
        assert f"{number + 1} of {len(places)} · Test image {place + 1}" in texts(at)
        guess = int(labels[place]) if number != 2 else (int(labels[place]) + 1) % 10
        at.button(key=f"{key}.choice.{guess}").click().run()
        yours, its = yours + (number != 2), its + int(said[place] == labels[place])
        assert f"The label says **{labels[place]}**." in texts(at)
        assert f"The network says {said[place]}" in texts(at)
        assert f"**you {yours}, the network {its}**, of {number + 1}" in texts(at)
        at.button(key=f"{key}.next").click().run()
    at.button(key="shell.reset.evaluation").click().run()
    assert f"{key}.score" not in at.session_state
    assert not at.exception


def test_a_game_has_an_end(answers) -> None:
    at = open_page("evaluation.py", **{"evaluation.view": "guess"})
    key = "evaluation.guess.digits-tutorial"
    count = len(half_wrong(answers[0].argmax(axis=1) == answers[1], seed=1))
    at.session_state[f"{key}.score"] = [(True, False)] * count
    at.run()
    assert f"**Those were all {count} images.** Right so far: **you {count}, the network 0**" in texts(at)
    at.button(key=f"{key}.again").click().run()
    assert f"1 of {count} · " in texts(at)


def test_half_of_what_is_asked_is_what_it_has_wrong() -> None:
    right = np.arange(1000) % 10 > 0
    places = half_wrong(right, seed=1)
    assert len(set(places.tolist())) == 100
    assert right[places].sum() == 50
    np.testing.assert_array_equal(places, half_wrong(right, seed=1))
    assert 3 <= right[places[:10]].sum() <= 7
    assert len(half_wrong(np.ones(30, bool), seed=1)) == 5


def test_votes_are_counted_for_the_class_and_shown_after_voting(answers, doubting) -> None:
    (id, probabilities), labels = doubting, answers[1]
    place = int(likely_label_errors(probabilities, labels)[0])
    label, said = int(labels[place]), int(probabilities[place].argmax())
    for who, vote in (("ann", said), ("bob", said), ("cem", label)):
        label_votes.cast("digits", place, who, vote)
    at = open_page("evaluation.py", model=id, level="lab", **{"evaluation.view": "labels"})
    key = f"evaluation.voted.{id}.{place}"
    assert at.segmented_control(key=key).value is None
    assert "of 4 say" not in texts(at)
    at.segmented_control(key=key).set_value("network").run()
    assert "**3 of 4 say the network is right.**" in texts(at)
    at.segmented_control(key=key).set_value("label").run()
    assert "**No majority among 4 votes**: label 2, network 2, neither 0." in texts(at)
    at.segmented_control(key=key).set_value("neither").run()
    assert "**2 of 4 say the network is right.**" in texts(at)
    assert label_votes.count(label_votes.read("digits")[place], label, said) == (1, 2, 1)
    at.button(key=f"evaluation.vote.{id}.next").click().run()
    assert "of 4 say" not in texts(at)
    at.button(key=f"evaluation.vote.{id}.previous").click().run()
    assert at.segmented_control(key=key).value == "neither"
    assert at.session_state["shell.workspace"] not in (home() / "votes" / "digits.jsonl").read_text()
    assert not at.exception


def test_a_vote_that_cannot_be_written_says_so(answers, doubting) -> None:
    id = doubting[0]
    (home() / "votes").write_text("a file where the folder should be")
    place = int(likely_label_errors(doubting[1], answers[1])[0])
    at = open_page("evaluation.py", model=id, level="lab", **{"evaluation.view": "labels"})
    at.segmented_control(key=f"evaluation.voted.{id}.{place}").set_value("label").run()
    assert "Your vote could not be written" in texts(at)
    assert not at.exception


def test_a_data_set_that_is_not_here_is_offered() -> None:
    at = open_page("evaluation.py", model="cifar10-tutorial")
    assert f"{100 * store.card('cifar10-tutorial').accuracy:.1f} %" in texts(at)
    assert at.button(key="images.prepare").label.startswith("Download CIFAR-10")


def test_answers_that_were_not_kept_are_said_to_be_missing(answers, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page("evaluation.py", **{"evaluation.view": "sure"})
    from pages.widgets import model_cache

    kept = model_cache._answers

    def damaged(id: str, created: float, split: str):
        if split == "validation":
            raise OSError("gone")
        return kept(id, created, split)

    monkeypatch.setattr(model_cache, "_answers", damaged)
    at.run()
    assert "gave to the validation images were not kept, or are damaged" in texts(at)


def test_the_code_gives_the_same_table(tmp_path, monkeypatch: pytest.MonkeyPatch, answers, capsys) -> None:
    at = open_page("evaluation.py")
    store.load("digits-tutorial").save(tmp_path / "model.keras")
    monkeypatch.chdir(tmp_path)
    test = catalog.load("digits", "test")
    made: dict = {"x_test": test.take(range(len(test))), "y_test": test.labels}
    exec(str(at.get("code")[0].value), made)
    np.testing.assert_array_equal(made["table"], confusion_counts(answers[1], answers[0].argmax(axis=1), 10))
    assert "precision" in capsys.readouterr().out
