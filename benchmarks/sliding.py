"""The sliding window in the browser: its own work a pointer move, when the result is painted, frames while it plays."""

import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.harness.reporting import figure
from tools.browser_page import open_page
from tools.find_browser import launch
from tools.running_server import running_server

MOVES = 200
PLAYING_SECONDS = 4
_LARGEST = "convolution.size=7&convolution.padding=same&convolution.colour=colour"
SCENES = {"as it opens": "/convolution", "7 x 7 in three colours": f"/convolution?level=lab&{_LARGEST}"}

Event = dict[str, Any]


def run() -> None:
    """Print the figures of two scenes, taken from Chromium's own trace of what the page did."""
    with sync_playwright() as playwright:
        browser, _ = launch(playwright)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, running_server(Path(home)) as address:
            page = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900}).new_page()
            for name, path in SCENES.items():
                open_page(page, path)
                page.get_by_role("button", name="Pause").click()  # it opens playing
                page.wait_for_load_state("networkidle")
                works, paints = _moves(_traced(browser, page, _move))
                print(f"    {name}: {len(works)} moves; own work median {statistics.median(works):.2f} ms")
                figure(f"own work a pointer move, 95th percentile, {name}", _percentile(works), "ms", at_most=4)
                figure(f"from the move to the paint, 95th percentile, {name}", _percentile(paints), "ms", at_most=33)
                frames = _frames(_traced(browser, page, _play))
                figure(f"frames a second while it plays, {name}", frames, "", at_least=58)
        browser.close()


def _move(page: Page) -> None:
    """A pointer across the output, one move a frame, as a hand does it."""
    canvas = page.locator(".output canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for step in range(MOVES):
        share = (step + 0.5) / MOVES
        page.mouse.move(box["x"] + share * box["width"], box["y"] + (0.1 + 0.8 * (7 * share % 1)) * box["height"])
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def _play(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    page.evaluate(f"() => new Promise((done) => setTimeout(done, {1000 * PLAYING_SECONDS}))")
    page.get_by_role("button", name="Pause").click()


def _traced(browser: Browser, page: Page, act: Any) -> list[Event]:
    """Events of the page's main thread while ``act`` runs, in order of time (microseconds)."""
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    act(page)
    events: list[Event] = json.loads(browser.stop_tracing())["traceEvents"]
    moves = [event for event in events if _is_move(event)] or [e for e in events if e["name"] == "FireAnimationFrame"]
    thread = statistics.mode((event["pid"], event["tid"]) for event in moves)
    return sorted((event for event in events if (event["pid"], event["tid"]) == thread), key=lambda event: event["ts"])


def _is_move(event: Event) -> bool:
    return event["name"] == "EventDispatch" and event["args"]["data"]["type"] == "pointermove"


def _moves(events: list[Event]) -> tuple[list[float], list[float]]:
    """Of each move: milliseconds of scripts until its paint, and from the move to the end of that paint."""
    works, paints = [], []
    for number, event in enumerate(events):
        if not _is_move(event):
            continue
        painted = next((later for later in events[number:] if later["name"] == "Paint"), None)
        if painted is None:
            break
        between = [
            later["dur"]
            for later in events[number:]
            if later["ts"] < painted["ts"]
            and later["name"] in ("EventDispatch", "FireAnimationFrame")
            and "dur" in later
        ]
        works.append(sum(between) / 1000)
        paints.append((painted["ts"] + painted.get("dur", 0) - event["ts"]) / 1000)
    return works, paints


def _frames(events: list[Event]) -> float:
    """Frames a second: how often the page drew anew while it played, from the first to the last."""
    times = [event["ts"] for event in events if event["name"] == "FireAnimationFrame"]
    return (len(times) - 1) / ((times[-1] - times[0]) / 1e6)


def _percentile(values: list[float], share: float = 0.95) -> float:
    return sorted(values)[int(share * len(values))]
