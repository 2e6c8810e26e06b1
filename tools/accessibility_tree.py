"""What a screen reader finds on a page, as an outline to read; writes those of all pages, which the tests compare."""

import re
from pathlib import Path

from playwright.sync_api import Page

from tools.browser_page import open_page
from tools.first_day import first_day

PAGES = Path(__file__).parents[1] / "pages"
OUTLINES = Path(__file__).parents[1] / "tests" / "e2e" / "shell" / "outlines"
# One that is always empty, or says nothing by itself, is left out.
_NAMED = re.compile(r"""^\s*- '?([a-z]+) "((?:[^"\\]|\\.)*)"(?: (\[level=\d\]))?""")
_PARTS_OF_TABLES = ("row", "rowheader", "columnheader", "cell")
_STATE = re.compile(r"\[(?!level)[a-z]+(?:=\w+)?\] ?")
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
PATIENCE = 600_000  # milliseconds


def page_names() -> list[str]:
    """Names of all pages, as in their addresses; "home" has none there."""
    return sorted(file.stem for file in PAGES.glob("*.py") if file.stem not in ("__init__", "navigation"))


def open_finished(page: Page, name: str) -> None:
    """Open a page and wait until nothing moves on it any more."""
    open_page(page, "/" if name == "home" else f"/{name}")
    if name == "training":
        page.locator(".st-key-training-again").wait_for(timeout=PATIENCE)  # the replay has ended


def outline(page: Page) -> str:
    """Role and name of whatever has a name on the page, one a line; numbers are "#", and repetitions are left out.

    So are the cells of tables.
    """
    lines: list[str] = []
    for line in page.get_by_test_id("stMain").aria_snapshot().splitlines():
        if match := _NAMED.match(_STATE.sub("", line)):
            role, name, level = match.groups()
            if role in _PARTS_OF_TABLES or "MobileNetV2" in name:  # its weights are not on every machine
                continue
            said = " ".join(filter(None, (role, level, _NUMBER.sub("#", name))))
            if said not in lines[-1:]:
                lines.append(said)
    return "\n".join(lines) + "\n"


def settled_outline(page: Page, expected: str | None = None) -> str:
    """The outline once it is ``expected``, else once it has stayed as it is for five seconds."""
    last, same = "", 0
    while same < 10 and last != expected:
        now = outline(page)
        same = same + 1 if now == last else 0
        last = now
        page.wait_for_timeout(500)
    return last


def main() -> None:
    """Serve with an empty data folder and write the outline of every page."""
    OUTLINES.mkdir(parents=True, exist_ok=True)
    with first_day() as (browser, address):
        page = browser.new_context(
            base_url=address, viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
        ).new_page()
        page.set_default_timeout(PATIENCE)
        for data in ("digits", "shapes"):
            page.goto(f"/images?dataset={data}")
            page.locator(".st-key-images-tiles").wait_for()  # it is prepared
        for name in page_names():
            open_finished(page, name)
            (OUTLINES / f"{name}.txt").write_text(settled_outline(page))


if __name__ == "__main__":
    main()
