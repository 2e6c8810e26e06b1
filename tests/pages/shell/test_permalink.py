"""Values in the address."""

import pytest

from tests.pages.opening import main_text


def test_a_link_sets_level_data_set_and_model_on_any_page(page):
    page.query_params.update({"level": "lab", "dataset": "shapes"})
    page.run()
    assert page.session_state["shell.level"] == "lab"
    page.switch_page("glossary.py").run()
    assert page.sidebar.selectbox(key="shell.dataset").value == "shapes"
    assert page.query_params["dataset"] in ("shapes", ["shapes"])
    assert page.session_state["shell.level"] == "lab"


def test_choices_go_into_the_address_and_defaults_stay_out(page):
    page.run()
    assert not page.query_params
    page.sidebar.selectbox(key="shell.dataset").set_value("cifar10").run()
    assert page.query_params["dataset"] in ("cifar10", ["cifar10"])
    page.sidebar.selectbox(key="shell.dataset").set_value("digits").run()
    assert "dataset" not in page.query_params


@pytest.mark.parametrize("key", ["level", "dataset", "model"])
def test_an_unknown_value_in_a_link_gives_one_sentence_and_the_default(page, key):
    page.query_params[key] = "<b>nope</b>" + "x" * 100
    page.run()
    assert not page.exception
    assert main_text(page).count("the link chooses") == 1
    assert "x" * 50 not in main_text(page)
    assert page.session_state["shell.dataset"] == "digits"
    assert page.session_state["shell.level"] == "class"
    page.run()
    assert "the link chooses" not in main_text(page)
