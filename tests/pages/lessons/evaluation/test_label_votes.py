"""The vote on labels that may be wrong."""

from cnn.analysis.evaluation import label_votes
from cnn.analysis.evaluation.metrics import likely_label_errors
from cnn.home import home
from tests.pages.on_screen import mentions
from tests.pages.opening import open_page, texts


def test_votes_are_counted_for_the_class_and_shown_after_voting(predictions, model_with_label_errors) -> None:
    (id, probabilities), labels = model_with_label_errors, predictions[1]
    index = int(likely_label_errors(probabilities, labels)[0])
    label, predicted = int(labels[index]), int(probabilities[index].argmax())
    for voter, vote in (("ann", predicted), ("bob", predicted), ("cem", label)):
        label_votes.cast("digits", "test", index, voter, vote)
    at = open_page("evaluation.py", model=id, level="lab", **{"evaluation.view": "labels"})
    key = f"evaluation.voted.{id}.test.{index}"
    assert at.segmented_control(key=key).value is None
    assert "of 4 say" not in texts(at)
    at.segmented_control(key=key).set_value("network").run()
    assert "**3 of 4 say the network is right.**" in texts(at)
    at.segmented_control(key=key).set_value("label").run()
    assert mentions(at, 4, "label 2", "network 2", "neither 0")
    at.segmented_control(key=key).set_value("neither").run()
    assert "**2 of 4 say the network is right.**" in texts(at)
    assert label_votes.count(label_votes.read("digits", "test")[index], label, predicted) == (1, 2, 1)
    at.button(key=f"evaluation.vote.{id}.next").click().run()
    assert "of 4 say" not in texts(at)
    at.button(key=f"evaluation.vote.{id}.previous").click().run()
    assert at.segmented_control(key=key).value == "neither"
    assert at.session_state["shell.workspace"] not in (home() / "votes" / "digits.jsonl").read_text()
    assert not at.exception


def test_a_vote_that_cannot_be_written_says_so(predictions, model_with_label_errors) -> None:
    id, probabilities = model_with_label_errors
    (home() / "votes").write_text("a file where the folder should be")
    index = int(likely_label_errors(probabilities, predictions[1])[0])
    at = open_page("evaluation.py", model=id, level="lab", **{"evaluation.view": "labels"})
    at.segmented_control(key=f"evaluation.voted.{id}.test.{index}").set_value("label").run()
    assert "Your vote could not be written" in texts(at)
    assert not at.exception
