"""Links to a run, a layer or a question that does not exist: the page says so in one sentence and works."""

import json
import shutil
from pathlib import Path

import pytest

from cnn.model import store
from pages.shell import selection
from pages.shell.text import literal
from tests.pages.opening import open_page, texts

PAGES = ("feature_maps.py", "time_machine.py", "explanations.py", "evaluation.py")


@pytest.fixture
def run(digits: Path) -> Path:
    """The folder of a finished run, to be deleted during the test."""
    folder = digits / "runs" / "soon-gone-000000000000"
    shutil.copytree(store.PRETRAINED / "digits-tutorial", folder)
    (folder / "config.json").write_text(json.dumps({"name": "Soon gone", "workspace": "somebody"}))
    return folder


@pytest.mark.parametrize("file", PAGES)
def test_a_model_is_deleted_while_a_page_shows_it(file: str, run: Path) -> None:
    at = open_page(file, model=run.name)
    assert at.selectbox(key="shell.model").value == run.name
    shutil.rmtree(run)
    selection.forget_lists()  # cached for up to two seconds
    at.run()
    assert not at.exception
    assert (
        texts(at).count("The selected model has been deleted. You see “Simple CNN on Handwritten digits” instead.") == 1
    )
    at.run()
    assert "has been deleted" not in texts(at)


@pytest.mark.parametrize(
    ("file", "query", "sentence"),
    [
        (
            "explanations.py",
            {"explain.view": "heat", "explain.layer": "conv_9"},
            "Layer: the link chooses “conv_9”, which is not here",
        ),
        (
            "explanations.py",
            {"explain.view": "heat", "explain.method": "magic"},
            "Method: the link chooses “magic”, which is not here",
        ),
        ("evaluation.py", {"evaluation.view": "magic"}, "Question: the link chooses “magic”, which is not here"),
        ("time_machine.py", {"time.epoch": "99"}, "Kept epoch: the link chooses “99”, which is not here"),
        ("time_machine.py", {"time.other": "nobody"}, "Compare with: the link chooses “nobody”, which is not here"),
    ],
)
def test_an_unknown_value_in_a_link_gives_one_sentence(file: str, query: dict[str, str], sentence: str, digits) -> None:
    at = open_page(file, level="lab", **query)
    assert texts(at).count(literal(sentence)) == 1
    assert f"“{literal(list(query.values())[-1])}”" in texts(at)
