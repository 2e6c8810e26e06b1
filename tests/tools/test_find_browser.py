import sys

import pytest
from playwright.sync_api import sync_playwright

from tools import find_browser


@pytest.fixture
def stub(tmp_path):
    """A browser that is there and does not start, like Ubuntu's when the snap is not installed."""
    path = tmp_path / "chromium-browser"
    path.write_text("#!/bin/sh\necho 'This command needs the chromium snap.' >&2\nexit 1\n")
    path.chmod(0o755)
    return str(path)


def test_browser_that_does_not_start_is_passed_over(stub, monkeypatch):
    with sync_playwright() as playwright:
        real = list(find_browser.candidates(playwright))
        monkeypatch.setattr(find_browser, "candidates", lambda _: [stub, *real])
        browser, path = find_browser.launch(playwright)
        browser.close()
    assert path in real


def test_without_browser_the_message_says_what_to_install(stub, monkeypatch, capsys):
    monkeypatch.setattr(find_browser, "candidates", lambda _: [stub])
    broken = [[sys.executable, "-c", "exit(1)"]]
    monkeypatch.setattr(find_browser, "installations", lambda: iter([broken]))
    with pytest.raises(SystemExit) as ended:
        find_browser.main()
    assert ended.value.code
    assert "sudo apt-get install chromium" in capsys.readouterr().out


def test_installing_stops_as_soon_as_a_browser_starts(monkeypatch, capsys):
    answers = iter([None, "/somewhere/chromium"])
    monkeypatch.setattr(find_browser, "working_browser", lambda: next(answers))
    monkeypatch.setattr(find_browser, "installations", lambda: iter([[[sys.executable, "-c", ""]]] * 2))
    with pytest.raises(SystemExit) as ended:
        find_browser.main()
    assert not ended.value.code
    assert "Browser for the tests: /somewhere/chromium" in capsys.readouterr().out
