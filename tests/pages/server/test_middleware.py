"""The workspace cookie and the security headers."""

import asyncio
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from starlette.datastructures import MutableHeaders

from cnn.errors import ConfigError
from cnn.home import new_id
from cnn.jobs import queue
from pages.server.framing import FRAME_PARENTS, open_cookies_to_frames
from pages.server.middleware import VisitorMiddleware
from pages.server.workspace_cookie import COOKIE, sign, signed_workspace


def response_headers(
    path="/", *, method="GET", status=200, content_type="text/html; charset=utf-8", scheme="http", **request
):
    """Headers of a response that has passed the middleware, as (name, value) pairs."""
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
    cookies = [value for name, value in response_headers(*args, **kwargs) if name == "set-cookie"]
    assert len(cookies) <= 1
    return cookies[0] if cookies else None


def test_a_page_gets_a_workspace_of_128_random_bits():
    first, second = cookie("/training"), cookie("/training")
    value = re.fullmatch(rf"{COOKIE}=([^;]+); Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", first)[1]
    assert len(signed_workspace(value)) == 22
    assert first != second


def workspace_given_for(sent):
    """The workspace of the cookie that a browser gets for the one it sends; None if it keeps that."""
    header = cookie("/", cookie=sent)
    return header and signed_workspace(re.search(r"=([^;]+)", header)[1])


def test_a_known_browser_keeps_its_workspace_and_a_forged_cookie_is_replaced():
    value = re.search(r"=([^;]+)", cookie("/"))[1]
    assert workspace_given_for(f"a=b; {COOKIE}={value}") is None
    workspace = signed_workspace(value)
    forged = [workspace, sign(new_id())[:22] + value[22:], f"{workspace}.", "../../etc/passwd", value[:-1], ""]
    for sent in forged:
        assert workspace_given_for(f"{COOKIE}={sent}") not in (None, workspace), sent
    assert workspace_given_for("\x01=;;;=") is not None


def test_a_cookie_from_before_is_signed_if_its_workspace_owns_something():
    owner = new_id()
    queue.submit("train", {}, workspace=owner, name="Mine")
    assert workspace_given_for(f"{COOKIE}={owner}") == owner
    stranger = new_id()
    assert workspace_given_for(f"{COOKIE}={stranger}") not in (None, stranger)


def test_without_a_key_a_browser_keeps_the_cookie_it_has(cnn_home):
    (cnn_home / "cookie.key").write_bytes(b"too short")
    assert cookie("/", cookie=f"{COOKIE}={new_id()}") is None


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


def test_a_cached_page_without_a_cookie_gets_one():
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


def test_below_a_path_the_cookie_is_of_that_path(monkeypatch):
    monkeypatch.setattr("pages.server.base_path.st.get_option", lambda _name: "lab/")
    assert "; Path=/lab; " in cookie("/lab/training")
    assert cookie("/lab/ready") is None
    assert cookie("/lab/static/index.html") is None


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/static/js/index.js"])
def test_every_response_has_the_security_headers(path):
    headers = dict(response_headers(path))
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert "blob:" in policy["script-src"]
    assert "unsafe" not in policy["script-src"].replace("wasm-unsafe-eval", "")
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert "ws:" in policy["connect-src"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=(self)" in headers["permissions-policy"]


def test_named_sites_may_frame_the_app_and_its_cookies_work_there(monkeypatch):
    assert cookie("/", scheme="https").endswith("; SameSite=Lax; Secure")
    monkeypatch.setenv(FRAME_PARENTS, "https://moodle.school.example, http://10.1.2.3:8080")
    headers = dict(response_headers("/"))
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["frame-ancestors"] == "https://moodle.school.example http://10.1.2.3:8080"
    assert "x-frame-options" not in headers
    assert cookie("/").endswith("; HttpOnly; SameSite=Lax"), "browsers take no other one over http"
    for request in ({"scheme": "https"}, {"x_forwarded_proto": "https"}):
        assert cookie("/", **request).endswith("; HttpOnly; SameSite=None; Secure; Partitioned")


def test_streamlits_own_cookie_works_in_a_frame_too():
    headers = MutableHeaders({"set-cookie": "_streamlit_xsrf=2|a|b|1; Path=/; SameSite=Lax"})
    open_cookies_to_frames(headers)
    assert headers.getlist("set-cookie") == ["_streamlit_xsrf=2|a|b|1; Path=/; SameSite=None; Secure; Partitioned"]


@pytest.mark.parametrize(
    "value",
    ["moodle.example", "https://moodle.example/course", "*", "'self'", "https://a.example;script-src *", "https://"],
)
def test_what_is_no_origin_is_refused_in_a_sentence(monkeypatch, value):
    monkeypatch.setenv(FRAME_PARENTS, f"https://moodle.school.example, {value}")
    with pytest.raises(ConfigError, match=f"^{FRAME_PARENTS} has “.* origins are expected"):
        response_headers("/")


def test_the_policy_allows_each_inline_script_of_streamlit():
    page = (Path(find_spec("streamlit").origin).parent / "static" / "index.html").read_text(encoding="utf-8")
    policy = dict(response_headers("/"))["content-security-policy"]
    assert page.count("<script>") == policy.count("'sha256-") > 0


def test_a_websocket_passes_untouched():
    seen = []

    async def inner(scope, receive, send):
        seen.append((scope, receive, send))

    asyncio.run(VisitorMiddleware(inner)({"type": "websocket"}, None, print))
    assert seen == [({"type": "websocket"}, None, print)]
