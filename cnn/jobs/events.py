"""What a job reports while it runs: ``events.jsonl``, one JSON object a line, only ever appended to.

Each event has ``t`` (unix seconds), ``attempt`` (1 for the first) and ``type``. ``started`` opens an attempt;
``epoch`` carries ``epoch``, how many epochs are done, and ``batch`` the same as a fraction: 1.25 is in the second.
"""

import json
import math
import os
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cnn.jobs.record import read, runs

Event = dict[str, Any]


def append(id: str, event: Event) -> None:
    """Add an event to a job's log; ``t`` and ``attempt`` are filled in where they are missing.

    Raises:
        OSError: the disk is full, or the job was deleted.
        JobError: ``attempt`` is missing and the job unknown.
    """
    attempt = event["attempt"] if "attempt" in event else read(id).attempt
    line = json.dumps({"t": round(time.time(), 3), "attempt": attempt, **event}, ensure_ascii=False).encode() + b"\n"
    with (runs() / id / "events.jsonl").open("ab+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":  # a writer was killed in mid-line: its half line must not swallow this one
                line = b"\n" + line
        file.write(line)


def events(id: str, offset: int = 0) -> tuple[list[Event], int]:
    """The events from a byte offset on, and the offset to go on from.

    A half-written last line is left for the next call; a line that is no JSON object is skipped.

    Raises:
        JobError: there is no such job.
    """
    try:
        with (read(id).folder / "events.jsonl").open("rb") as file:
            file.seek(offset)
            data = file.read()
    except FileNotFoundError:
        return [], offset
    end = data.rfind(b"\n") + 1
    return [event for line in data[:end].splitlines() if (event := _decode(line)) is not None], offset + end


def read_log(path: Path) -> list[Event]:
    """All events of a finished run's log, wherever it lies; a line that is no event is skipped.

    Raises:
        OSError: it cannot be read.
    """
    return [event for line in path.read_bytes().splitlines() if (event := _decode(line)) is not None]


def current(events: Iterable[Event]) -> list[Event]:
    """The events that count: each epoch once, and no batches of an epoch that an attempt died in.

    An attempt takes over at the first epoch it reports: what earlier attempts reported from there on is dropped, and
    so are their batches of epochs they did not end.
    """
    log = list(events)
    latest = max((event["attempt"] for event in log), default=0)
    first: dict[int, float] = defaultdict(lambda: float("inf"))
    ended = set()
    for event in log:
        if "epoch" in event:
            number = math.ceil(event["epoch"])
            first[event["attempt"]] = min(first[event["attempt"]], number)
            if event["type"] == "epoch":
                ended.add((event["attempt"], number))

    def counts(event: Event) -> bool:
        attempt = event["attempt"]
        if attempt == latest or "epoch" not in event:
            return True
        taken_over = min(first[later] for later in range(attempt + 1, latest + 1))
        number = math.ceil(event["epoch"])
        return number < taken_over and (event["type"] != "batch" or (attempt, number) in ended)

    return [event for event in log if counts(event)]


def _decode(line: bytes) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and {"t", "attempt", "type"} <= event.keys() else None
