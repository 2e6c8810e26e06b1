"""Photos and names come back after a reload, and after a connection that was dropped for too long."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, WebSocketRoute, expect

from tests.e2e.browser import watched_page
from tests.e2e.teach_your_own.teaching import choose_class, classes, counts, files, rename, teach
from tools.browser_page import open_page, wait_until_settled
from tools.running_server import running_server

SOCKET = re.compile(r"/_stcore/stream")
UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/")


@pytest.fixture
def forgetful_server(tmp_path: Path) -> Iterator[str]:
    """Address of a server that ends a session with its connection, as others do when it is lost for some minutes."""
    environment = {"CNN_SLOTS": "1", "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "0"}
    with running_server(tmp_path, environment) as address:
        yield address


def test_a_reload_brings_names_and_photos_back(page: Page) -> None:
    teach(page, ("star", 3), ("circle", 2))
    rename(page, 1, "*plate*")
    page.reload()
    counts(page, 3, 2)
    expect(classes(page).nth(1)).to_have_text("*plate*")
    choose_class(page, 1)
    page.locator("input[type=file]").first.set_input_files(files("circle", range(5, 6)))
    counts(page, 3, 3)


def test_another_browser_does_not_get_them(page: Page, phone: Page) -> None:
    teach(page, ("star", 3), ("circle", 2))
    open_page(phone, "/teach_your_own")
    counts(phone, 8, 8)


def test_a_phone_that_lost_its_connection_goes_on_where_it_was(browser: Browser, forgetful_server: str) -> None:
    sockets: list[tuple[WebSocketRoute, WebSocketRoute]] = []
    sessions: list[str] = []  # each upload is addressed to a session

    def note_session(request: Request) -> None:
        if found := UPLOAD.search(request.url):
            sessions.append(found.group(1))

    with watched_page(browser, forgetful_server, 390, 844) as phone:
        phone.on("request", note_session)
        phone.route_web_socket(SOCKET, lambda socket: sockets.append((socket, socket.connect_to_server())))
        teach(phone, ("star", 3), ("circle", 2))
        rename(phone, 0, "Zoë")
        wait_until_settled(phone)
        opened = len(sockets)
        for end in sockets[-1]:
            end.close()
        for _ in range(300):
            if len(sockets) > opened:
                break
            phone.wait_for_timeout(100)
        expect(phone.get_by_test_id("stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
        phone.locator("input[type=file]").first.set_input_files(files("circle", range(5, 6)))
        counts(phone, 3, 3)
        expect(classes(phone).first).to_have_text("Zoë")
        assert len(sockets) == opened + 1
        assert len(set(sessions)) == 2
