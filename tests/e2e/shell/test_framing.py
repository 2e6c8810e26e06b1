"""A page of another site shows the app in a frame, if the server names that site."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect

from pages.server.framing import FRAME_PARENTS
from pages.server.workspace_cookie import COOKIE
from tests.e2e.browser import PATIENCE
from tools.running_server import running_server


@contextmanager
def another_site() -> Iterator[tuple[str, dict[str, str]]]:
    """A site on a port of its own: its origin, and its pages by path, to be filled."""
    pages: dict[str, str] = {}

    class Pages(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(pages.get(self.path, "").encode())

        def log_message(self, *_arguments: object) -> None:
            """Keep quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}", pages
        site.shutdown()


def test_named_sites_show_the_app_and_others_an_empty_frame(browser: Browser, tmp_path: Path) -> None:
    with (
        another_site() as (named, course),
        another_site() as (stranger, copy),
        running_server(tmp_path, {FRAME_PARENTS: named}, https=True) as address,
    ):
        course["/"] = copy["/"] = f'<iframe src="{address}/convolution" width="1200" height="800"></iframe>'
        context = browser.new_context(ignore_https_errors=True)
        page = context.new_page()
        page.goto(named)
        app = page.frame_locator("iframe")
        expect(app.get_by_test_id("stSidebar")).to_be_attached(timeout=PATIENCE)
        cookies = {cookie["name"]: cookie for cookie in context.cookies()}
        for name in (COOKIE, "_streamlit_xsrf"):
            assert cookies[name]["sameSite"] == "None"
            assert cookies[name]["secure"]
            assert "127.0.0.1" in cookies[name]["partitionKey"], "a cookie of the site that frames"
        with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            page.goto(stranger)
        expect(page.frame_locator("iframe").get_by_test_id("stSidebar")).to_have_count(0)
        context.close()
