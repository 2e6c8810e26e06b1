"""The app's shell: headers and cookie, readiness, menu, level, focus, glossary."""

import asyncio
import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import keras
import pytest
from keras.src.backend.common import global_state
from starlette.requests import Request
from streamlit.runtime.scriptrunner.script_runner import _clean_problem_modules
from streamlit.testing.v1 import AppTest

import app
from cnn.data import catalog
from cnn.errors import CnnError
from cnn.jobs.engine import Engine
from cnn.model import store
from pages.server import startup as startup_module
from pages.server.middleware import COOKIE, VisitorMiddleware, is_workspace
from pages.server.startup import keep_session, startup
from pages.shell import errors, terms
from pages.shell.menu import all_lessons

ROOT = Path(__file__).parents[3]
NAVIGATION = str(ROOT / "pages" / "navigation.py")


def answer(path="/", *, method="GET", status=200, content_type="text/html; charset=utf-8", scheme="http", **request):
    """Headers that the middleware makes of an answer, as (name, value) pairs."""
    sent = []

    async def inner(scope, receive, send):
        headers = [(b"content-type", content_type.encode())] if content_type else []
        await send({"type": "http.response.start", "status": status, "headers": headers})

    async def send(message):
        sent.extend((name.decode(), value.decode()) for name, value in message["headers"])

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "scheme": scheme,
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in request.items()],
    }
    asyncio.run(VisitorMiddleware(inner)(scope, None, send))
    return sent


def cookie(*args, **kwargs):
    cookies = [value for name, value in answer(*args, **kwargs) if name == "set-cookie"]
    assert len(cookies) <= 1
    return cookies[0] if cookies else None


def test_a_page_gets_a_workspace_of_128_random_bits():
    first, second = cookie("/training"), cookie("/training")
    value = re.fullmatch(rf"{COOKIE}=([^;]+); Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", first)[1]
    assert is_workspace(value)
    assert len(value) == 22
    assert first != second


def test_a_known_browser_keeps_its_workspace_and_a_forged_cookie_is_replaced():
    known = re.search(r"=([^;]+)", cookie("/"))[1]
    assert cookie("/", cookie=f"a=b; {COOKIE}={known}") is None
    assert cookie("/", cookie=f"{COOKIE}=../../etc/passwd") is not None
    assert cookie("/", cookie="\x01=;;;=") is not None


@pytest.mark.parametrize(
    "request_",
    [
        {"path": "/", "method": "HEAD"},
        {"path": "/", "method": "POST"},
        {"path": "/_stcore/health"},
        {"path": "/static/js/index.js", "content_type": "text/javascript"},
        {"path": "/static/index.html"},
        {"path": "/assets/icon.png", "content_type": "image/png"},
        {"path": "/ready", "content_type": "application/json"},
        {"path": "/anything.json", "content_type": "application/json"},
    ],
    ids=lambda request_: f"{request_.get('method', 'GET')} {request_['path']}",
)
def test_only_a_get_of_a_page_sets_a_cookie(request_):
    assert cookie(**request_) is None


def test_a_cached_page_without_cookie_gets_one():
    assert cookie("/", status=304, content_type="", accept="text/html,*/*") is not None
    assert cookie("/picture", status=304, content_type="", accept="image/*") is None


@pytest.mark.parametrize(
    ("request_", "secure"),
    [
        ({}, False),
        ({"scheme": "https"}, True),
        ({"x_forwarded_proto": "https"}, True),
        ({"x_forwarded_proto": "https, http"}, True),
        ({"x_forwarded_proto": "http"}, False),
    ],
)
def test_the_cookie_is_secure_under_https(request_, secure):
    assert cookie("/", **request_).endswith("; Secure") is secure


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/static/js/index.js"])
def test_every_answer_has_the_security_headers(path):
    headers = dict(answer(path))
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert "blob:" in policy["script-src"]
    assert "unsafe" not in policy["script-src"].replace("wasm-unsafe-eval", "")
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert "ws:" in policy["connect-src"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=(self)" in headers["permissions-policy"]


def test_the_policy_allows_each_inline_script_of_streamlit():
    page = (Path(find_spec("streamlit").origin).parent / "static" / "index.html").read_text(encoding="utf-8")
    policy = dict(answer("/"))["content-security-policy"]
    assert page.count("<script>") == policy.count("'sha256-") > 0


def test_a_websocket_passes_untouched():
    seen = []

    async def inner(scope, receive, send):
        seen.append((scope, receive, send))

    asyncio.run(VisitorMiddleware(inner)({"type": "websocket"}, None, print))
    assert seen == [({"type": "websocket"}, None, print)]


@pytest.mark.parametrize(
    ("engine", "tensorflow", "status"), [(True, True, 200), (True, False, 503), (False, True, 503)]
)
def test_ready_says_what_is_up(monkeypatch, engine, tensorflow, status):
    monkeypatch.setattr(startup, "ready", lambda: {"engine": engine, "tensorflow": tensorflow})
    response = asyncio.run(app.ready(Request({"type": "http", "method": "GET", "path": "/ready", "headers": []})))
    assert response.status_code == status
    assert response.body == f'{{"engine":{engine},"tensorflow":{tensorflow}}}'.lower().encode()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(CnnError("The data folder is full."), "The data folder is full."), (RuntimeError("boom"), "the server's log")],
)
def test_a_server_whose_engine_fails_says_so_and_goes_on(monkeypatch, error, sentence):
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


def test_a_rerun_leaves_the_state_of_keras_alone(monkeypatch):
    monkeypatch.setattr(keras.backend, "clear_session", keras.utils.clear_session)
    before = global_state.GLOBAL_STATE_TRACKER
    _clean_problem_modules()
    assert global_state.GLOBAL_STATE_TRACKER is not before, "Streamlit no longer clears it: keep_session can go"
    keep_session()
    before = global_state.GLOBAL_STATE_TRACKER
    _clean_problem_modules()
    assert global_state.GLOBAL_STATE_TRACKER is before


CARD = {
    "class_names": ["a", "b"],
    "input_shape": [32, 32, 1],
    "architecture": "tutorial",
    "parameters": 1,
    "test": {"correct": 9, "count": 10},
    "validation": {"correct": 9, "count": 10},
    "config": {"epochs": 1},
    "bytes": 1,
    "seconds": 1.0,
    "created": 1.0,
}


@pytest.fixture
def page(monkeypatch, tmp_path):
    """An AppTest of the whole app, not yet run, with two pretrained models: of digits and of shapes."""
    for dataset in ("digits", "shapes"):
        folder = tmp_path / f"{dataset}-tutorial"
        folder.mkdir()
        (folder / "model.keras").touch()
        (folder / "card.json").write_text(json.dumps(CARD | {"dataset": dataset}))
    monkeypatch.setattr(store, "PRETRAINED", tmp_path)
    return AppTest.from_file(NAVIGATION, default_timeout=60)


def texts(page):
    return "\n".join(element.value for element in (*page.main.markdown, *page.main.caption))


def test_home_opens_cold_with_the_lessons_in_order(page):
    page.run()
    assert not page.exception
    assert page.title[0].value == "Convnet Lab"
    positions = [texts(page).index(lesson.question) for lesson in all_lessons() if lesson.group]
    assert positions == sorted(positions)


def test_every_page_is_in_the_menu():
    files = {path.name for path in (ROOT / "pages").glob("*.py")} - {"__init__.py", "navigation.py", "glossary.py"}
    assert files == {lesson.file for lesson in all_lessons()}


def test_the_glossary_opens_and_finds_words(page):
    page.run()
    page.switch_page("glossary.py").run()
    assert not page.exception
    assert "**epoch** · one pass over all training images" in texts(page)
    page.text_input(key="glossary.find").set_value("LOGIT").run()
    assert "logits" in texts(page)
    assert "**epoch**" not in texts(page)
    page.text_input(key="glossary.find").set_value("zzz").run()
    assert "No entry has “zzz” in it." in texts(page)


def test_reset_forgets_what_was_typed(page):
    page.run()
    page.switch_page("glossary.py").run()
    page.text_input(key="glossary.find").set_value("bias").run()
    page.query_params["run"] = "abc"
    page.query_params["level"] = "lab"
    page.button(key="shell.reset.glossary").click().run()
    page.run()
    assert page.text_input(key="glossary.find").value == ""
    assert "run" not in page.query_params
    assert page.session_state["shell.level"] == "lab"


def test_terms_are_known_by_their_professional_word():
    assert terms.term("Epoch").startswith("**epoch**: one pass over all training images.")
    assert len({entry.word for entry in terms.TERMS}) == len(terms.TERMS) >= 35
    with pytest.raises(KeyError):
        terms.term("flux capacitor")


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
    assert texts(page).count("The link names a") == 1
    assert "x" * 50 not in texts(page)
    assert page.session_state["shell.dataset"] == "digits"
    assert page.session_state["shell.level"] == "class"
    page.run()
    assert "The link names a" not in texts(page)


def test_who_takes_a_model_takes_its_data_set(page):
    page.query_params["model"] = "shapes-tutorial"
    page.run()
    assert page.session_state["shell.dataset"] == "shapes"
    assert "The link names a" not in texts(page)
    page.sidebar.selectbox(key="shell.model").set_value("digits-tutorial").run()
    assert page.session_state["shell.dataset"] == "digits"


def test_who_takes_a_data_set_takes_a_model_of_it(page):
    page.run()
    page.sidebar.selectbox(key="shell.dataset").set_value("shapes").run()
    assert page.session_state["shell.model"] == "shapes-tutorial"


def test_a_link_may_name_the_model_of_another_visitor(page, cnn_home):
    run = cnn_home / "runs" / "somebody-elses-run-id0"
    run.mkdir(parents=True)
    (run / "model.keras").touch()
    (run / "card.json").write_text(json.dumps(CARD | {"dataset": "cifar10"}))
    (run / "config.json").write_text(json.dumps({"name": "Their run", "workspace": "somebody else"}))
    page.run()
    assert "Their run" not in page.sidebar.selectbox(key="shell.model").options
    page.query_params["model"] = run.name
    page.run()
    assert page.session_state["shell.model"] == run.name
    assert page.session_state["shell.dataset"] == "cifar10"
    assert "Their run" in page.sidebar.selectbox(key="shell.model").options


def test_the_focus_offers_every_data_set(page):
    page.run()
    titles = page.sidebar.selectbox(key="shell.dataset").options
    assert titles == [catalog.info(name).title for name in catalog.names()]


def script_with_errors():
    import streamlit as st

    from cnn.errors import CnnError
    from pages.shell.errors import on_script_error, sentences

    with sentences():
        raise CnnError("Received 0 epochs. Choose 1 or more.")
    on_script_error(ValueError("secret detail"))
    st.write("still here")


def test_errors_are_shown_as_sentences(caplog):
    page = AppTest.from_function(script_with_errors).run()
    shown = [element.value for element in page.markdown]
    assert shown == ["Received 0 epochs. Choose 1 or more.", errors.OUR_SIDE, "still here"]
    assert not page.exception
    assert "secret detail" in caplog.text


def test_a_bug_is_not_swallowed_by_sentences():
    with pytest.raises(ZeroDivisionError), errors.sentences():
        _ = 1 / 0


def alone(program: str, home: Path) -> subprocess.CompletedProcess:
    """Run a program in a Python of its own, with an empty data folder."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": "", "HOME": str(home), "CNN_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_nothing_heavy_stands_before_the_first_paint(tmp_path):
    program = (
        "import sys; from streamlit.testing.v1 import AppTest; import app\n"
        f"page = AppTest.from_file({NAVIGATION!r}, default_timeout=60).run(); assert not page.exception\n"
        "page.switch_page('glossary.py').run()\n"
        "heavy = {'tensorflow', 'keras', 'matplotlib', 'sklearn', 'tensorflow_datasets', 'distributed', 'altair'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    done = alone(program, tmp_path)
    assert done.stdout.strip().endswith("heavy: []"), done.stdout + done.stderr


def test_no_page_imports_tfds(tmp_path):
    """While TFDS is imported, every thread's imports are held up or go wrong: a request then ended as an error."""
    files = [lesson.file for lesson in all_lessons()]
    program = (
        "import sys; from streamlit.testing.v1 import AppTest; import app\n"
        f"page = AppTest.from_file({NAVIGATION!r}, default_timeout=120).run()\n"
        f"for file in {files!r}: page.switch_page(file).run(); assert not page.exception, file\n"
        "print('there:', [name for name in ('tensorflow', 'tensorflow_datasets') if name in sys.modules])"
    )
    done = alone(program, tmp_path)
    assert done.stdout.strip().endswith("there: ['tensorflow']"), done.stdout + done.stderr
