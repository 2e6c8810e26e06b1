"""What the command line prints while it works, and Ctrl-C."""

import json
import signal
import sys
import threading
from typing import Any

from cnn.progress import Event, Report, ShouldStop

CLEAR_LINE = "\r\033[K"


def catch_interrupt() -> ShouldStop:
    """A function that tells whether Ctrl-C was pressed; pressing it again ends the process at once."""
    interrupted = threading.Event()

    def handle_interrupt(signal_number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        interrupted.set()

    signal.signal(signal.SIGINT, handle_interrupt)
    return interrupted.is_set


def event_printer(as_json: bool) -> Report:
    """A function that prints events as JSON lines, or as text with a progress line on a terminal."""
    on_terminal = sys.stdout.isatty()

    def print_event(event: Event) -> None:
        if as_json:
            print(json.dumps(event), flush=True)
        elif event["type"] == "batch" and on_terminal:
            print(
                f"\r  epoch {event['epoch']:.2f}  loss {event['loss'] or float('nan'):.3f}  "
                f"{event['images_per_second']:.0f} images/s  {event['seconds_left']:.0f} s left   ",
                end="",
                flush=True,
            )
        elif event["type"] == "epoch":
            clear = CLEAR_LINE if on_terminal else ""
            print(
                f"{clear}epoch {event['epoch']}: loss {event['loss'] or float('nan'):.3f}, accuracy "
                f"{100 * event['accuracy']:.1f} %, validation {100 * event['val_accuracy']:.1f} %, "
                f"{event['seconds']:.1f} s",
                flush=True,
            )
        elif event["type"] == "progress" and on_terminal:
            total = f" of {event['total']:,}" if event.get("total") else ""
            print(f"\r{event['what']}: {event['done']:,}{total} {event['unit']}   ", end="", flush=True)

    return print_event
