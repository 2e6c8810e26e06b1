"""Values in the address."""

from types import SimpleNamespace

import pytest

from pages.shell import permalink
from tests.pages.opening import main_text


def test_a_link_sets_level_data_set_and_model_on_any_page(page):
    page.query_params.update({"level": "lab", "dataset": "shapes"})
    page.run()
    assert page.session_state["shell.level"] == "lab"
    page.switch_page("glossary.py").run()  # it shows no pickers
    assert page.session_state["shell.dataset"] == "shapes"
    page.switch_page("training.py").run()
    assert page.selectbox(key="shell.dataset").value == "shapes"
    assert page.query_params["dataset"] in ("shapes", ["shapes"])
    assert page.session_state["shell.level"] == "lab"


def test_choices_go_into_the_address_and_defaults_stay_out(page):
    page.run()
    assert not page.query_params
    page.switch_page("images.py").run()
    page.selectbox(key="shell.dataset").set_value("cifar10").run()
    assert page.query_params["dataset"] in ("cifar10", ["cifar10"])
    page.selectbox(key="shell.dataset").set_value("digits").run()
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


@pytest.mark.parametrize(("seconds", "goes_back"), [(1, False), (10, True)])
def test_going_back_to_an_address_without_a_value_brings_its_default(page, monkeypatch, seconds, goes_back):
    clock = [100.0]
    monkeypatch.setattr(permalink, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    page.run()
    page.switch_page("images.py").run()
    page.segmented_control(key="images.view").set_value("own").run()
    assert page.query_params["images.view"] in ("own", ["own"])
    del page.query_params["images.view"]
    clock[0] += seconds  # a second later, the value may still be on its way to the browser
    page.run()
    assert page.segmented_control(key="images.view").value == ("gallery" if goes_back else "own")


def test_a_page_that_is_opened_sends_its_address(monkeypatch):
    sent = []

    class Address(dict):
        def to_dict(self):
            return dict(self)

        def from_dict(self, values):
            sent.append(values)

    fake = SimpleNamespace(session_state={}, query_params=Address(model="mine"))
    monkeypatch.setattr(permalink, "st", fake)
    for name in ("Training", "Training", "Glossary", "Glossary"):
        permalink.note_page(name)
    assert sent == [{"model": "mine"}] * 2


def test_the_menu_keeps_what_was_chosen(page, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(permalink, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    page.run()
    page.switch_page("images.py").run()
    page.segmented_control(key="images.view").set_value("own").run()
    page.switch_page("glossary.py").run()
    del page.query_params["images.view"]
    clock[0] += 10
    page.switch_page("images.py").run()
    assert page.segmented_control(key="images.view").value == "own"
