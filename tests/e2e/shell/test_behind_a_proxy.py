"""The app behind a school's proxy, configured as docs/how-to/behind-a-proxy.md says, at the root and below a path."""

import http.client
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from pages.server.workspace_cookie import COOKIE
from tests.e2e.browser import HARMLESS_404, PATIENCE, keyed, press_escape
from tests.e2e.reverse_proxy import HOST, reverse_proxy
from tests.e2e.shell.test_sharing import share
from tests.keras_code.photo_files import write_photo
from tests.pages.server.uploads.test_upload_limits import MB, send, tab
from tools.browser_page import open_page
from tools.running_server import running_server

SETTINGS = {"CNN_HOSTS": HOST, "CNN_PROXIES": "127.0.0.1", "CNN_UPLOAD_MEGABYTES_PER_ADDRESS": "1"}


@pytest.fixture(scope="module")
def at_the_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_server(tmp_path_factory.mktemp("root"), SETTINGS) as address:
        yield address


@pytest.fixture(scope="module")
def below_a_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = SETTINGS | {"STREAMLIT_SERVER_BASE_URL_PATH": "lab"}
    with running_server(tmp_path_factory.mktemp("path"), settings) as address:
        yield address


@pytest.mark.parametrize(
    ("program", "below"),
    [("caddy", ""), ("caddy", "/lab"), ("nginx", "/lab")],
    ids=["caddy", "caddy-path", "nginx-path"],
)
def test_everything_goes_through_the_proxy(
    browser: Browser, tmp_path: Path, request: pytest.FixtureRequest, program: str, below: str
) -> None:
    server = request.getfixturevalue("below_a_path" if below else "at_the_root")
    with reverse_proxy(program, server, tmp_path, prefix=bool(below)) as address:
        page, sockets, answers = visitor(browser, address)
        open_page(page, f"{address}/convolution?convolution.input=upload")
        with page.expect_response(lambda answer: answer.request.method == "PUT") as uploaded:
            page.locator("input[type=file]").set_input_files(write_photo(tmp_path, "wide.jpg"))
        assert uploaded.value.status == 204
        expect(page.get_by_text("wide.jpg").last).to_be_visible(timeout=PATIENCE)
        assert {urlsplit(socket.url).path for socket in sockets} == {f"{below}/_stcore/stream"}
        assert {urlsplit(socket.url).scheme for socket in sockets} == {"wss"}
        first = cookie(page)
        assert first["secure"]
        assert first["path"] == (below or "/")
        assert share(page) == page.url
        press_escape(page)
        open_page(page, f"{address}/")
        links = page.get_by_test_id("stSidebar").locator("a[href]").evaluate_all("links => links.map((a) => a.href)")
        assert f"{address}/training" in links
        assert all(link.startswith(f"{address}/") for link in links)
        page.get_by_test_id("stSidebar").locator("a[href]").first.click()
        page.wait_for_url(lambda url: url.rstrip("/") == address)
        keyed(page, "shell.anew").get_by_role("button").click()
        with page.expect_event("load"):
            keyed(page, "shell.anew.yes").get_by_role("button").click()
        page.get_by_test_id("stSidebar").wait_for()
        assert page.url == f"{address}/"
        assert cookie(page)["value"] != first["value"]
        assert answers[f"{address}/assets/literata.woff2"] == 200, "the page's own fonts"
        refused = {url: status for url, status in answers.items() if status >= 400}
        assert not [url for url in refused if not HARMLESS_404.search(url)]
        page.context.close()


def visitor(browser: Browser, address: str) -> tuple[Page, list[WebSocket], dict[str, int]]:
    """A new visitor's page, the WebSockets that it opens, and the status of each address that it asked for."""
    context = browser.new_context(ignore_https_errors=True, proxy={"server": os.environ["http_proxy"], "bypass": HOST})
    page = context.new_page()
    sockets: list[WebSocket] = []
    answers: dict[str, int] = {}
    page.on("websocket", lambda socket: sockets.append(socket))
    page.on("response", lambda answer: answers.update({answer.url: answer.status}))
    return page, sockets, answers


def cookie(page: Page) -> dict:
    """The workspace cookie."""
    (found,) = [cookie for cookie in page.context.cookies() if cookie["name"] == COOKIE]
    return dict(found)


def status(server: str, path: str, **headers: str) -> int:
    """The answer's status to a request with these headers, which the test sends as the proxy would."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server).port, timeout=20)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return connection.getresponse().status


def test_the_host_that_the_proxy_was_asked_for_is_checked(at_the_root: str) -> None:
    assert status(at_the_root, "/", Host=HOST) == 200
    assert status(at_the_root, "/", Host="foreign.example") == 421
    assert status(at_the_root, "/", Host="127.0.0.1", X_Forwarded_Host="foreign.example") == 421
    assert status(at_the_root, "/", Host="inner.example", X_Forwarded_Host=f"foreign.example, {HOST}") == 200


def test_below_a_path_nothing_is_served_beside_it(below_a_path: str) -> None:
    assert status(below_a_path, "/lab/ready") in (200, 503)
    assert status(below_a_path, "/lab/assets/icon.png") == 200
    assert status(below_a_path, "/lab/_stcore/metrics") == 404
    assert status(below_a_path, "/assets/icon.png") == status(below_a_path, "/ready") == 404


def test_limits_are_counted_by_the_visitors_address(at_the_root: str) -> None:
    with tab(at_the_root) as (session, _):
        code, text = send(at_the_root, session, 2 * MB, forwarded_for="198.51.100.4, 203.0.113.9")
    assert code == 413
    assert "the uploads from 203.0.113.9 would take more than the 1 MB" in text
