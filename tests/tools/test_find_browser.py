"""The search for a browser that starts, and its installation."""

import sys

import pytest
from playwright.sync_api import sync_playwright

from tools import find_browser


@pytest.fixture
def stub(tmp_path):
    """A browser that exists but does not start, like Ubuntu's when the snap is not installed."""
    path = tmp_path / "chromium-browser"
    path.write_text("#!/bin/sh\necho 'This command needs the chromium snap.' >&2\nexit 1\n")
    path.chmod(0o755)
    return str(path)


def test_browser_that_does_not_start_is_skipped(stub, monkeypatch):
    with sync_playwright() as playwright:
        working = list(find_browser.candidates(playwright))
        monkeypatch.setattr(find_browser, "candidates", lambda _: [stub, *working])
        browser, path = find_browser.launch(playwright)
        browser.close()
    assert path in working


def test_message_without_a_browser_tells_what_to_install(stub, monkeypatch, capsys):
    monkeypatch.setattr(find_browser, "candidates", lambda _: [stub])
    failing = [[sys.executable, "-c", "exit(1)"]]
    monkeypatch.setattr(find_browser, "installations", lambda: iter([failing]))
    with pytest.raises(SystemExit) as ended:
        find_browser.main()
    assert ended.value.code
    assert "sudo apt-get install chromium" in capsys.readouterr().out


def test_installing_stops_as_soon_as_a_browser_starts(monkeypatch, capsys):
    browsers = iter([None, "/somewhere/chromium"])
    monkeypatch.setattr(find_browser, "working_browser", lambda: next(browsers))
    monkeypatch.setattr(find_browser, "installations", lambda: iter([[[sys.executable, "-c", ""]]] * 2))
    with pytest.raises(SystemExit) as ended:
        find_browser.main()
    assert not ended.value.code
    assert "Browser for the tests: /somewhere/chromium" in capsys.readouterr().out
