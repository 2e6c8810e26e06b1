"""The summary of a network is what Keras prints, and its counts are those that Keras counts."""

import re

import keras
import pytest

from cnn.model import store
from cnn.model.fine_tuning import unfreeze
from cnn.model.pretrained_bases import BASES, base_model, with_head
from cnn.model.summary import LINE_LENGTH, ParameterCounts, base_summary, count_parameters, summary_text

# Trainable, non-trainable: what TensorFlow's guide "Transfer learning and fine-tuning" prints of MobileNetV2.
PUBLISHED = {"loaded": (2_223_872, 34_112), "frozen": (0, 2_257_984), "with_head": (1_281, 2_257_984)}


def printed_counts(model: keras.Model) -> ParameterCounts:
    """The counts in the last lines that Keras prints."""
    printed: list[str] = []
    model.summary(print_fn=printed.append)
    numbers = dict(re.findall(r"(\S+) params: ([\d,]+)", "\n".join(printed)))
    return ParameterCounts(*(int(numbers[name].replace(",", "")) for name in ("Trainable", "Non-trainable")))


def test_the_text_is_what_keras_prints_in_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(LINE_LENGTH + 4))
    model = store.load("cifar10-tutorial")
    capsys.readouterr()
    model.summary()
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    text = summary_text(model)
    assert text.splitlines() == [line for line in printed if line]
    # The tutorial's network, by hand: weights and a bias for each filter or unit.
    rows = [3 * 9 * 32 + 32, 32 * 9 * 64 + 64, 64 * 9 * 64 + 64, 1024 * 64 + 64, 64 * 10 + 10]
    for count in (*rows, sum(rows)):
        assert f"{count:,}" in text
    assert sum(rows) == 122_570


@pytest.mark.parametrize("name", BASES)
def test_a_base_is_frozen_and_gets_a_head(name: str) -> None:
    summary = base_summary(name, 2)
    base = base_model(name, weights=False)
    assert summary.frozen == printed_counts(base)
    assert summary.with_head == printed_counts(with_head(base, 2))
    base.trainable = True
    assert summary.loaded == printed_counts(base)
    assert summary.frozen.trainable == 0
    assert {counts.total for counts in (summary.loaded, summary.frozen)} == {BASES[name].parameters}
    if name == "mobilenet_v2":
        assert {step: tuple(getattr(summary, step)) for step in PUBLISHED} == PUBLISHED
    assert max(map(len, summary.text.splitlines())) <= LINE_LENGTH
    rows = [row for row in summary.text.splitlines() if re.search(r"│ +[\d,]+ │", row)]
    parameters = [int(re.findall(r"│ +([\d,]+) │", row)[0].replace(",", "")) for row in rows]
    assert parameters == [layer.count_params() for layer in base.layers]
    assert "Trainable params: 0 (" in summary.text


def test_ten_classes_need_ten_logits() -> None:
    assert base_summary("built-in", 10).with_head.trainable == 144 * 10 + 10


def test_the_counts_follow_what_is_unfrozen() -> None:
    model = with_head(base_model("built-in"), 10)
    unfreeze(model, 16)
    assert count_parameters(model) == printed_counts(model)
    assert 1_450 < count_parameters(model).trainable < count_parameters(model).total
