"""Whom the server believes what a request says about its visitor."""

import asyncio

import pytest

from cnn.errors import ConfigError
from pages.server.proxies import PROXIES, ProxyMiddleware, proxies

SAID = {
    "x-forwarded-for": "198.51.100.4, 203.0.113.9, 10.1.2.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "invented.example, lab.school.example",
}


def seen(peer: str | None, said: dict[str, str] = SAID, kind: str = "http") -> tuple[str | None, str, str]:
    """Address, scheme and host of a request, as the app sees them, if it comes straight from ``peer``."""
    scopes = []

    async def inner(scope, receive, send):
        scopes.append(scope)

    headers = [(name.encode(), value.encode()) for name, value in ({"host": "127.0.0.1:8501"} | said).items()]
    scheme = "http" if kind == "http" else "ws"
    scope = {"type": kind, "scheme": scheme, "client": peer and (peer, 5), "path": "/", "headers": headers}
    asyncio.run(ProxyMiddleware(inner)(scope, None, None))
    (scope,) = scopes
    (host,) = [value.decode() for name, value in scope["headers"] if name == b"host"]
    return scope["client"] and scope["client"][0], scope["scheme"], host


@pytest.mark.parametrize(("kind", "scheme"), [("http", "https"), ("websocket", "wss")])
@pytest.mark.parametrize("peer", ["127.0.0.1", "10.1.2.3", "::1"])
def test_a_known_proxy_is_believed_what_it_says_last(monkeypatch, peer: str, kind: str, scheme: str) -> None:
    monkeypatch.setenv(PROXIES, "127.0.0.1, ::1 ,10.1.2.0/24")
    assert seen(peer, kind=kind) == ("203.0.113.9", scheme, "lab.school.example")
    assert seen(peer, {}, kind) == (peer, "http" if kind == "http" else "ws", "127.0.0.1:8501")


@pytest.mark.parametrize("peer", ["10.1.3.3", "203.0.113.1", "testclient", None])
def test_nobody_else_is_believed(monkeypatch, peer: str | None) -> None:
    monkeypatch.setenv(PROXIES, "127.0.0.1,10.1.2.0/24")
    assert seen(peer) == (peer, "http", "127.0.0.1:8501")


def test_without_the_setting_nobody_is_believed() -> None:
    assert seen("127.0.0.1") == ("127.0.0.1", "http", "127.0.0.1:8501")


@pytest.mark.parametrize("value", ["proxy.example", "10.1.2.3/8", "*", "127.0.0.1:8080"])
def test_what_is_no_address_is_refused_in_a_sentence(monkeypatch, value: str) -> None:
    monkeypatch.setenv(PROXIES, f"127.0.0.1, {value}")
    with pytest.raises(ConfigError, match=rf"^{PROXIES} is not right: .* separated by commas"):
        proxies()
