"""The guessing game: a person against the network."""

import numpy as np

from pages.lessons.evaluation.guessing import sample_half_wrong
from tests.pages.on_screen import button_keys, mentions
from tests.pages.opening import open_page, texts

KEY = "evaluation.guess.digits-tutorial"


def test_the_label_is_not_shown_before_the_guess_and_the_score_is_kept(predictions) -> None:
    probabilities, labels = predictions
    predicted = probabilities.argmax(axis=1)
    indices = sample_half_wrong(predicted == labels, seed=1)
    at = open_page("evaluation.py", **{"evaluation.view": "guess"})
    yours = networks = 0
    for turn, index in enumerate(indices[:4].tolist()):
        assert "The label says" not in texts(at)
        assert "The network says" not in texts(at)
        assert f"{KEY}.next" not in button_keys(at)
        assert mentions(at, turn + 1, len(indices), index + 1)
        guess = int(labels[index]) if turn != 2 else (int(labels[index]) + 1) % 10
        at.button(key=f"{KEY}.choice.{guess}").click().run()
        yours, networks = yours + (turn != 2), networks + int(predicted[index] == labels[index])
        assert f"The label says **{labels[index]}**." in texts(at)
        assert f"The network says {predicted[index]}" in texts(at)
        assert mentions(at, yours, networks, turn + 1)
        at.button(key=f"{KEY}.next").click().run()
    at.button(key="shell.reset.evaluation").click().run()
    assert f"{KEY}.score" not in at.session_state
    assert not at.exception


def test_a_game_has_an_end(predictions) -> None:
    at = open_page("evaluation.py", **{"evaluation.view": "guess"})
    count = len(sample_half_wrong(predictions[0].argmax(axis=1) == predictions[1], seed=1))
    at.session_state[f"{KEY}.score"] = [(True, False)] * count
    at.run()
    assert mentions(at, count, count, 0, count)
    at.button(key=f"{KEY}.again").click().run()
    assert mentions(at, 1, count)


def test_the_network_gets_half_of_the_sample_wrong() -> None:
    correct = np.arange(1000) % 10 > 0
    indices = sample_half_wrong(correct, seed=1)
    assert len(set(indices.tolist())) == 100
    assert correct[indices].sum() == 50
    np.testing.assert_array_equal(indices, sample_half_wrong(correct, seed=1))
    assert 3 <= correct[indices[:10]].sum() <= 7
    assert len(sample_half_wrong(np.ones(30, bool), seed=1)) == 5
