"""The selected data set and model."""

import json

from cnn.data import catalog
from tests.pages.opening import main_text
from tests.pages.shell.stored_models import create_model


def test_selecting_a_model_selects_its_data_set(page):
    page.query_params["model"] = "shapes-tutorial"
    page.run()
    assert page.session_state["shell.dataset"] == "shapes"
    assert "the link chooses" not in main_text(page)
    page.sidebar.selectbox(key="shell.model").set_value("digits-tutorial").run()
    assert page.session_state["shell.dataset"] == "digits"


def test_selecting_a_data_set_selects_a_model_trained_on_it(page):
    page.run()
    page.sidebar.selectbox(key="shell.dataset").set_value("shapes").run()
    assert page.session_state["shell.model"] == "shapes-tutorial"


def test_a_link_may_name_the_model_of_another_visitor(page, cnn_home):
    run = cnn_home / "runs" / "somebody-elses-run-id0"
    create_model(run, "cifar10")
    (run / "config.json").write_text(json.dumps({"name": "Their run", "workspace": "somebody else"}))
    page.run()
    assert "Their run" not in page.sidebar.selectbox(key="shell.model").options
    page.query_params["model"] = run.name
    page.run()
    assert page.session_state["shell.model"] == run.name
    assert page.session_state["shell.dataset"] == "cifar10"
    assert "Their run" in page.sidebar.selectbox(key="shell.model").options


def test_the_picker_offers_every_data_set(page):
    page.run()
    titles = page.sidebar.selectbox(key="shell.dataset").options
    assert titles == [catalog.info(name).title for name in catalog.names()]
