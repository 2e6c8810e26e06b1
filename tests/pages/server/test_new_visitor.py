"""``POST /somebody-new`` gives a new workspace to whom a page of this app asks for, and to nobody else."""

import asyncio
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import Message

from cnn import home
from pages.server.middleware import VisitorMiddleware
from pages.server.new_visitor import start_as_somebody_new
from pages.server.workspace_cookie import COOKIE, sign, signed_workspace

ROUTE = Route("/somebody-new", start_as_somebody_new, methods=["POST"])
APP = Starlette(routes=[ROUTE], middleware=[Middleware(VisitorMiddleware)])


def answer(method: str = "POST", **headers: str) -> tuple[int, Headers]:
    """Status and headers of the answer to a request with these headers, whose names have "_" for the hyphen."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    sender = {"host": "class:8501", **headers}
    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": "/somebody-new",
        "query_string": b"",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in sender.items()],
    }
    asyncio.run(APP(scope, receive, send))
    return sent[0]["status"], Headers(raw=sent[0]["headers"])


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "same-origin"},
        {"origin": "http://class:8501"},
        {"sec_fetch_site": "same-origin", "origin": "https://behind-a-proxy.example"},
    ],
)
def test_a_page_of_the_app_gets_a_new_cookie(headers: dict[str, str]) -> None:
    old = home.new_id()
    status, got = answer(cookie=f"{COOKIE}={sign(old)}", **headers)
    assert status == 204
    cookie = SimpleCookie(got["set-cookie"])[COOKIE]
    assert signed_workspace(cookie.value) not in (None, old)
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", "31536000")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site", "origin": "http://class:8501"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_other_senders_are_refused_and_the_cookie_stays(headers: dict[str, str]) -> None:
    status, got = answer(**headers)
    assert status == 403
    assert "set-cookie" not in got


def test_without_a_key_nobody_becomes_somebody_new(cnn_home: Path) -> None:
    (cnn_home / "cookie.key").write_bytes(b"too short")
    status, got = answer(sec_fetch_site="same-origin")
    assert status == 503
    assert "set-cookie" not in got


def test_an_address_that_is_opened_changes_nothing() -> None:
    status, got = answer("GET", sec_fetch_site="same-origin")
    assert status == 405
    assert "set-cookie" not in got
