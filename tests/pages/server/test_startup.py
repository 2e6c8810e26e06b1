"""Readiness, a failing engine, and the Keras session."""

import asyncio

import keras
import pytest
from keras.src.backend.common import global_state
from starlette.requests import Request
from streamlit.runtime.scriptrunner.script_runner import _clean_problem_modules

import app
from cnn.errors import CnnError
from cnn.jobs.engine import Engine
from pages.server import startup as startup_module
from pages.server.startup import keep_session, startup


@pytest.mark.parametrize(
    ("engine", "tensorflow", "status"), [(True, True, 200), (True, False, 503), (False, True, 503)]
)
def test_ready_reports_engine_and_tensorflow(monkeypatch, engine, tensorflow, status):
    monkeypatch.setattr(startup, "ready", lambda: {"engine": engine, "tensorflow": tensorflow})
    response = asyncio.run(app.ready(Request({"type": "http", "method": "GET", "path": "/ready", "headers": []})))
    assert response.status_code == status
    assert response.body == f'{{"engine":{engine},"tensorflow":{tensorflow}}}'.lower().encode()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(CnnError("The data folder is full."), "The data folder is full."), (RuntimeError("boom"), "the server's log")],
)
def test_a_server_reports_a_failing_engine_and_keeps_running(monkeypatch, error, sentence):
    def fail():
        raise error

    monkeypatch.setattr(Engine, "start", fail)
    monkeypatch.setattr(startup_module.Startup, "_warm_up", lambda self: None)
    for name in ("SECONDS_WITHOUT_VISITOR", "SECONDS_AFTER_FIRST_PAGE"):
        monkeypatch.setattr(startup_module, name, 0)
    server = startup_module.Startup()
    server.start()
    server._starting.join()
    server.close()
    assert sentence in server.problem()
    assert "boom" not in server.problem()
    assert server.ready()["engine"] is False


def test_a_server_closed_before_its_first_page_starts_no_engine(monkeypatch):
    started = []
    monkeypatch.setattr(Engine, "start", lambda: started.append("engine"))
    server = startup_module.Startup()
    server.start()
    server.close()
    assert started == []


def test_a_rerun_keeps_the_state_of_keras(monkeypatch):
    monkeypatch.setattr(keras.backend, "clear_session", keras.utils.clear_session)
    before = global_state.GLOBAL_STATE_TRACKER
    _clean_problem_modules()
    assert global_state.GLOBAL_STATE_TRACKER is not before, "Streamlit no longer clears it: keep_session can go"
    keep_session()
    before = global_state.GLOBAL_STATE_TRACKER
    _clean_problem_modules()
    assert global_state.GLOBAL_STATE_TRACKER is before
