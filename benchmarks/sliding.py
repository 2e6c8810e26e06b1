"""The sliding window in the browser: its own work a pointer move, when the result is painted, frames while it plays."""

import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.harness.reporting import print_result
from tools.browser_page import open_page
from tools.find_browser import launch
from tools.running_server import running_server

MOVES = 200
PLAYING_SECONDS = 4
_LARGEST = "convolution.size=7&convolution.padding=same&convolution.colour=colour"
SCENES = {"as it opens": "/convolution", "7 x 7 in three colours": f"/convolution?level=lab&{_LARGEST}"}

Event = dict[str, Any]


def run() -> None:
    """Print the timings of two scenes, taken from Chromium's trace of the page."""
    with sync_playwright() as playwright:
        browser, _ = launch(playwright)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, running_server(Path(home)) as address:
            page = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900}).new_page()
            for name, path in SCENES.items():
                open_page(page, path)
                page.wait_for_load_state("networkidle")
                work_times, paint_times = _move_times(_trace(browser, page, _move_pointer))
                print(f"    {name}: {len(work_times)} moves; own work median {statistics.median(work_times):.2f} ms")
                print_result(
                    f"own work a pointer move, 95th percentile, {name}", _percentile(work_times), "ms", at_most=4
                )
                print_result(
                    f"from the move to the paint, 95th percentile, {name}", _percentile(paint_times), "ms", at_most=33
                )
                frame_rate = _frame_rate(_trace(browser, page, _play))
                print_result(f"frames a second while it plays, {name}", frame_rate, "", at_least=58)
        browser.close()


def _move_pointer(page: Page) -> None:
    """Move the pointer across the output once a frame, as a hand would."""
    canvas = page.locator(".output canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for step in range(MOVES):
        fraction = (step + 0.5) / MOVES
        x = box["x"] + fraction * box["width"]
        page.mouse.move(x, box["y"] + (0.1 + 0.8 * (7 * fraction % 1)) * box["height"])
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def _play(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    page.evaluate(f"() => new Promise((done) => setTimeout(done, {1000 * PLAYING_SECONDS}))")
    page.get_by_role("button", name="Pause").click()


def _trace(browser: Browser, page: Page, action: Callable[[Page], None]) -> list[Event]:
    """The events of the page's main thread during ``action``, ordered by time (``ts``, in microseconds)."""
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    action(page)
    events: list[Event] = json.loads(browser.stop_tracing())["traceEvents"]
    moves = [event for event in events if _is_move(event)] or [e for e in events if e["name"] == "FireAnimationFrame"]
    thread = statistics.mode((event["pid"], event["tid"]) for event in moves)
    return sorted((event for event in events if (event["pid"], event["tid"]) == thread), key=lambda event: event["ts"])


def _is_move(event: Event) -> bool:
    return event["name"] == "EventDispatch" and event["args"]["data"]["type"] == "pointermove"


def _move_times(events: list[Event]) -> tuple[list[float], list[float]]:
    """For each move, milliseconds of scripts before its paint, and milliseconds until the end of that paint."""
    work_times, paint_times = [], []
    for index, event in enumerate(events):
        if not _is_move(event):
            continue
        paint = next((later for later in events[index:] if later["name"] == "Paint"), None)
        if paint is None:
            break
        script_times = [
            later["dur"]
            for later in events[index:]
            if later["ts"] < paint["ts"] and later["name"] in ("EventDispatch", "FireAnimationFrame") and "dur" in later
        ]
        work_times.append(sum(script_times) / 1000)
        paint_times.append((paint["ts"] + paint.get("dur", 0) - event["ts"]) / 1000)
    return work_times, paint_times


def _frame_rate(events: list[Event]) -> float:
    """Frames per second, between the first and the last frame that the page drew."""
    times = [event["ts"] for event in events if event["name"] == "FireAnimationFrame"]
    return (len(times) - 1) / ((times[-1] - times[0]) / 1e6)


def _percentile(values: list[float], fraction: float = 0.95) -> float:
    return sorted(values)[int(fraction * len(values))]
