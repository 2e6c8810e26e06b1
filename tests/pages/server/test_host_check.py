"""Which hosts the server answers for, and what of Streamlit's own it keeps to itself."""

import asyncio
import socket

import pytest

from pages.server.host_check import HOSTS, HostMiddleware


def answer(host: str | None, path: str = "/", kind: str = "http") -> str | int:
    """What becomes of a request: "passed", the status of a refusal, or the name of the message that closes it."""
    sent = []

    async def inner(scope, receive, send):
        sent.append("passed")

    async def send(message):
        sent.append(message.get("status", message["type"]))

    headers = [] if host is None else [(b"host", host.encode("latin-1"))]
    asyncio.run(HostMiddleware(inner)({"type": kind, "path": path, "method": "GET", "headers": headers}, None, send))
    return sent[0]


@pytest.mark.parametrize(
    "host",
    ["localhost:8501", "127.0.0.1", "[::1]:8501", "192.168.1.20:8501", "app.localhost", f"{socket.gethostname()}:8501"],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_addresses_and_own_names_are_answered(host: str, kind: str) -> None:
    assert answer(host, kind=kind) == "passed"


@pytest.mark.parametrize(
    "host", ["rebound.example", "127.0.0.1.rebound.example", "localhost.rebound.example", "[", "", None, "\xe9.example"]
)
def test_another_host_is_refused(host: str | None) -> None:
    assert answer(host) == 421
    assert answer(host, "/_stcore/stream", "websocket") == "websocket.close"


def test_who_runs_the_server_adds_names(monkeypatch) -> None:
    monkeypatch.setenv(HOSTS, "lab.school.example , Nets.example")
    assert answer("nets.example:443") == answer("LAB.school.example.") == "passed"
    assert answer("school.example") == 421


def test_figures_about_visitors_are_closed() -> None:
    assert answer("localhost", "/_stcore/metrics") == 404
    assert answer("localhost", "/_stcore/health") == "passed"
