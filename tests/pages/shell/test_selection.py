"""The selected data set and model."""

import json
import shutil
from types import SimpleNamespace

import pytest

from cnn.data import catalog
from cnn.home import home
from cnn.jobs.record import write_status
from cnn.model import store
from pages.shell import selection
from tests.pages.opening import main_text
from tests.pages.shell.stored_models import CARD, create_model


def test_selecting_a_model_selects_its_data_set(page):
    page.query_params["model"] = "shapes-tutorial"
    page.run()
    assert page.session_state["shell.dataset"] == "shapes"
    assert "the link chooses" not in main_text(page)
    page.switch_page("models.py").run()
    assert page.selectbox(key="shell.model").options == [store.card("shapes-tutorial").title]


def test_of_a_data_set_only_its_own_networks_are_offered(page):
    page.run()
    page.switch_page("predict.py").run()
    for name in ("digits", "shapes"):
        page.selectbox(key="shell.dataset").set_value(name).run()
        own = [card.title for card in store.cards() if card.dataset == name]
        assert page.selectbox(key="shell.model").options == own and own


def test_a_network_is_offered_from_the_moment_when_its_run_has_ended(monkeypatch):
    monkeypatch.setattr(selection, "workspace", lambda: "w" * 22)
    folder = home() / "runs" / ("r" * 22)
    folder.mkdir(parents=True)
    config = {"kind": "train", "workspace": "w" * 22, "name": "Mine", "created": 1.0, "settings": {}}
    (folder / "config.json").write_text(json.dumps(config))
    write_status(folder, "running", attempt=1)
    assert "Mine" not in [card.title for card in selection.available_models()]
    (folder / "model.keras").touch()
    (folder / "card.json").write_text(json.dumps(CARD | {"dataset": "digits"}))
    write_status(folder, "finished", attempt=1)
    assert "Mine" in [card.title for card in selection.available_models()]


@pytest.mark.parametrize(("name", "is_prepared"), [("cifar10", False), ("shapes", True)])
def test_without_a_network_for_the_data_set_a_page_says_how_to_make_one(page, digits_and_shapes, name, is_prepared):
    shutil.rmtree(store.PRETRAINED / "shapes-tutorial")
    title = catalog.info(name).title
    page.run()
    page.switch_page("predict.py").run()
    page.selectbox(key="shell.dataset").set_value(name).run()
    assert page.session_state["shell.model"] is None
    assert not [picker for picker in page.selectbox if picker.key == "shell.model"]
    for file in ("predict.py", "feature_maps.py", "explanations.py", "evaluation.py", "models.py"):
        page.switch_page(file).run()
        assert f"No network for **{title}** yet" in main_text(page), file
        assert ("Train one (about" in main_text(page)) == is_prepared
        assert not page.exception
    page.selectbox(key="shell.dataset").set_value("digits").run()
    assert page.session_state["shell.model"] == "digits-tutorial"


def test_a_link_that_contradicts_itself_shows_the_data_set_and_says_so(page):
    page.query_params["model"] = "shapes-tutorial"
    page.query_params["dataset"] = "digits"
    page.run()
    page.switch_page("predict.py").run()
    assert page.session_state["shell.dataset"] == "digits"
    assert page.session_state["shell.model"] == "digits-tutorial"


def test_selecting_a_data_set_selects_a_model_trained_on_it(page):
    page.run()
    page.switch_page("models.py").run()
    page.selectbox(key="shell.dataset").set_value("shapes").run()
    assert page.session_state["shell.model"] == "shapes-tutorial"


def test_a_link_may_name_the_model_of_another_visitor(page, cnn_home):
    run = cnn_home / "runs" / "somebody-elses-run-id0"
    create_model(run, "cifar10")
    (run / "config.json").write_text(json.dumps({"name": "Their run", "workspace": "somebody else"}))
    page.run()
    page.switch_page("models.py").run()
    assert "Their run" not in page.selectbox(key="shell.model").options
    page.query_params["model"] = run.name
    page.run()
    assert page.session_state["shell.model"] == run.name
    assert page.session_state["shell.dataset"] == "cifar10"
    assert "Their run" in page.selectbox(key="shell.model").options


@pytest.mark.parametrize(("seconds", "opened", "holds"), [(0, "", False), (60, "models.py", False), (60, "", True)])
def test_a_browser_that_lags_behind_does_not_undo_a_selection(page, cnn_home, monkeypatch, seconds, opened, holds):
    clock = [100.0]
    monkeypatch.setattr(selection, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    run = cnn_home / "runs" / "a-run-that-was-chosen0"
    create_model(run, "digits")
    (run / "config.json").write_text(json.dumps({"name": "A run", "workspace": "somebody else"}))
    page.run()
    page.switch_page("predict.py").run()
    page.query_params["model"] = run.name
    page.run()
    assert page.session_state["shell.model"] == run.name
    clock[0] += seconds
    page.selectbox(key="shell.model").set_value("digits-tutorial")  # what the browser still has
    if opened:
        page.switch_page(opened)
    page.run()
    assert page.session_state["shell.model"] == ("digits-tutorial" if holds else run.name)


def test_a_network_of_ones_own_stays_in_the_address_so_that_others_find_it(page, cnn_home):
    shutil.rmtree(store.PRETRAINED / "shapes-tutorial")
    run = cnn_home / "runs" / "the-only-one-of-shapes"
    create_model(run, "shapes")
    (run / "config.json").write_text(json.dumps({"name": "Mine", "workspace": "somebody"}))
    page.query_params["model"] = run.name
    page.run()
    page.switch_page("predict.py").run()
    assert page.query_params["model"] in (run.name, [run.name])


def test_the_selection_outlives_pages_without_its_pickers(page):
    page.run()
    page.switch_page("models.py").run()
    page.selectbox(key="shell.dataset").set_value("shapes").run()
    page.switch_page("predict.py").run()
    assert page.selectbox(key="shell.model").value == "shapes-tutorial"
    for _ in range(2):
        page.switch_page("glossary.py").run()
        page.run()
        assert not [picker for picker in page.selectbox if picker.key in ("shell.dataset", "shell.model")]
        assert page.query_params["dataset"] in ("shapes", ["shapes"])
        page.switch_page("models.py").run()
        assert page.selectbox(key="shell.model").value == "shapes-tutorial"
        assert page.selectbox(key="shell.dataset").value == "shapes"


def test_the_selection_outlives_a_reset(page):
    page.run()
    page.switch_page("models.py").run()
    page.selectbox(key="shell.dataset").set_value("shapes").run()
    page.button(key="shell.reset.models").click().run()  # in this rerun there is no page
    page.run()
    assert page.selectbox(key="shell.model").value == "shapes-tutorial"
    assert page.selectbox(key="shell.dataset").value == "shapes"


def test_the_picker_offers_every_data_set(page):
    page.run()
    page.switch_page("models.py").run()
    titles = page.selectbox(key="shell.dataset").options
    assert titles == [catalog.info(name).title for name in catalog.names()]
