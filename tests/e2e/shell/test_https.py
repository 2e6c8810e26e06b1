"""``make class HTTPS=1``: pages over TLS, to browsers which then lend their camera."""

import http.client
import os
import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ProxySettings, expect

from pages.server.network_addresses import addresses
from pages.server.workspace_cookie import COOKIE
from tests.e2e.browser import CAMERA, open_way
from tools.running_server import running_server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("https")


@pytest.fixture(scope="module")
def secure_server(home: Path) -> Iterator[str]:
    if not addresses():
        pytest.skip("this machine is on no network")
    with running_server(home, to_class=True, https=True) as address:
        yield address


def test_the_certificate_proves_each_address_of_the_server(home: Path, secure_server: str) -> None:
    trusting = ssl.create_default_context(cafile=home / "certificate.pem")
    for host in ("localhost", "127.0.0.1", *addresses()):
        head = first_answer(secure_server, host, trusting)
        assert head.startswith("HTTP/1.1 200 ")
        assert re.search(rf"set-cookie: {COOKIE}=[^\r]*; Secure\r", head)
    with pytest.raises(ssl.SSLCertVerificationError):
        first_answer(secure_server, "other.example", trusting)
    with pytest.raises(ssl.SSLCertVerificationError):
        first_answer(secure_server, "localhost", ssl.create_default_context())
    invitation = (home / "server.log").read_text()
    assert f"https://{addresses()[0]}:{urlsplit(secure_server).port} " in invitation
    assert "Your connection is not private" in invitation


def first_answer(server: str, host: str, trusted: ssl.SSLContext) -> str:
    """The head of the answer to a browser that calls the server by this name or address, and what it trusts."""
    with (
        socket.create_connection(("127.0.0.1", urlsplit(server).port), timeout=20) as plain,
        trusted.wrap_socket(plain, server_hostname=host) as secure,
    ):
        secure.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return secure.makefile(newline="").read().partition("\r\n\r\n")[0] + "\r\n"


def test_a_plain_request_gets_no_page(secure_server: str) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", urlsplit(secure_server).port, timeout=20)
    with pytest.raises((http.client.HTTPException, OSError)):
        plain.request("GET", "/")
        plain.getresponse()


def test_a_browser_lends_its_camera_and_keeps_the_cookie_for_https(browser: Browser, secure_server: str) -> None:
    address = f"https://{addresses()[0]}:{urlsplit(secure_server).port}"
    # The machine's own address: localhost would be trusted without TLS.
    proxy: ProxySettings = {"server": os.environ["http_proxy"], "bypass": addresses()[0]}
    context = browser.new_context(ignore_https_errors=True, permissions=["camera"], proxy=proxy)
    try:
        page = context.new_page()
        page.goto(f"{address}/predict")
        open_way(page, CAMERA)
        expect(page.locator("video")).to_be_visible()
        assert page.evaluate("window.isSecureContext")
        cookie = next(cookie for cookie in context.cookies() if cookie.get("name") == COOKIE)
        assert cookie.get("secure")
    finally:
        context.close()
