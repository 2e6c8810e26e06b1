"""The final exam on pages: no test score anywhere until its owner opens it, and every look counted from then on."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.analysis.evaluation.intervals import in_brief, in_words
from cnn.jobs import queue
from cnn.jobs.record import write_status
from cnn.model import store
from cnn.model.final_exam import read_final_exam
from cnn.training.config import recipe
from pages.shell import selection
from tests.pages.on_screen import button_keys, mentions
from tests.pages.opening import open_page, texts

PAGES = {
    "training.py": "training.exam",
    "models.py": "models.exam",
    "evaluation.py": "evaluation.exam",
}


def save_sealed(workspace: str) -> store.Card:
    """A finished run of ``workspace`` on digits, as training leaves it: its exam taken and sealed."""
    config = recipe("digits", "tutorial", epochs=12)
    folder = queue.read(queue.submit("train", config.to_dict(), workspace=workspace, name="Mine")).folder
    shutil.copytree(store.PRETRAINED / "digits-tutorial", folder, dirs_exist_ok=True)
    card = json.loads((folder / "card.json").read_text()) | {"exam_sealed": True}
    (folder / "card.json").write_text(json.dumps(card))
    write_status(folder, "finished", attempt=1)
    return store.card(folder.name)


def open_own(page: str) -> tuple[AppTest, store.Card]:
    """The page as the owner of a sealed run sees it, and the run's card."""
    at = open_page(page)
    card = save_sealed(at.session_state["shell.workspace"])
    selection.forget_lists()
    at.run()
    if page == "training.py":
        at.query_params["run"] = card.id
    else:
        at.selectbox(key="shell.model").set_value(card.id)
    at.run()
    assert not at.exception
    return at, card


def shown_scores(card: store.Card) -> tuple[str, str]:
    """What the score on the test images looks like, short and long."""
    return plain(in_words(*card.test)), plain(in_brief(*card.test))


def plain(text: str) -> str:
    """The text as ``texts`` gives it."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("page", PAGES)
def test_the_score_is_sealed_until_the_owner_opens_it(digits: Path, page: str) -> None:
    at, card = open_own(page)
    key = PAGES[page]
    assert not any(score in texts(at) for score in shown_scores(card))
    assert plain(in_words(*card.validation)) in texts(at)
    assert read_final_exam(card).looks == 0
    at.button(key=f"{key}.open").click().run()
    assert not at.exception
    assert shown_scores(card)[0] in texts(at)
    assert "looked at once" in texts(at)
    assert f"{key}.open" not in button_keys(at)
    at.run()
    assert read_final_exam(card).looks == 1  # a rerun is no second look


@pytest.mark.parametrize("page", PAGES)
def test_nobody_else_opens_it_but_whoever_has_the_link_sees_an_open_one(digits: Path, page: str) -> None:
    _, card = open_own(page)
    link = {"run" if page == "training.py" else "model": card.id}
    at = open_page(page, **link)
    assert f"{PAGES[page]}.open" not in button_keys(at)
    assert not any(score in texts(at) for score in shown_scores(card))
    owner = open_page(page, **link)
    owner.session_state["shell.workspace"] = card.workspace
    owner.run()
    owner.button(key=f"{PAGES[page]}.open").click().run()
    at = open_page(page, **link)
    assert shown_scores(card)[0] in texts(at)
    assert "looked at twice" in texts(at)


def test_evaluation_is_about_held_out_images_until_then(digits: Path) -> None:
    at, card = open_own("evaluation.py")
    at.session_state["evaluation.view"] = "mistakes"
    at.run()
    wrong = card.validation[1] - card.validation[0]
    assert mentions(at, f"{wrong} of {card.validation[1]} validation images are wrong")
    at.button(key="evaluation.exam.open").click().run()
    wrong = card.test[1] - card.test[0]
    assert mentions(at, f"{wrong} of {card.test[1]} test images are wrong")


def test_the_list_of_models_ranks_by_held_out_images(digits: Path) -> None:
    at, card = open_own("models.py")
    table = at.dataframe[0].value
    shown = {f"{100 * card.validation_accuracy:.1f} %"}
    assert set(table["validation accuracy"][table["model"].isin(["Mine", "Simple CNN on Handwritten digits"])]) == shown
    assert not [column for column in table.columns if "test" in column]
    assert np.isclose(card.validation_accuracy, 143 / 144)
