"""A job's event log: ``events.jsonl``, one JSON object per line, append-only.

Every event has ``t`` (unix seconds), ``attempt`` (counted from 1) and ``type``. A ``started`` event opens an attempt;
an ``epoch`` event gives the number of completed epochs as ``epoch``, and a ``batch`` event the same as a fraction:
1.25 is a quarter into the second epoch.
"""

import json
import math
import os
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cnn.errors import DamagedFileError
from cnn.jobs.record import MOST_ATTEMPTS, read, runs_folder
from cnn.stored_files import LATEST, number, parse_json, read_file, text, whole

Event = dict[str, Any]
MOST_EPOCHS = 100_000


def append_event(id: str, event: Event) -> None:
    """Append an event to a job's log, adding ``t`` and ``attempt`` if they are missing.

    Raises:
        OSError: the disk is full, or the job was deleted.
        JobError: ``attempt`` is missing and the job unknown.
    """
    attempt = event["attempt"] if "attempt" in event else read(id).attempt
    line = json.dumps({"t": round(time.time(), 3), "attempt": attempt, **event}, ensure_ascii=False).encode() + b"\n"
    with (runs_folder() / id / "events.jsonl").open("ab+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":  # a writer was killed in mid-line: its fragment must not corrupt this line
                line = b"\n" + line
        file.write(line)


def read_events(id: str, offset: int = 0) -> tuple[list[Event], int]:
    """The events after a byte offset, and the offset for the next call.

    A half-written last line is left for the next call; a line that is not an event is skipped, and so is a log that
    cannot be read.

    Raises:
        JobError: there is no such job.
    """
    try:
        data = read_file(read(id).folder / "events.jsonl", offset)
    except DamagedFileError:
        return [], offset
    end = data.rfind(b"\n") + 1
    return _parse_lines(data[:end]), offset + end


def read_event_log(path: Path) -> list[Event]:
    """All events of a finished run's log in any folder; a line that is not an event is skipped.

    Raises:
        DamagedFileError: it cannot be read.
    """
    return _parse_lines(read_file(path))


def drop_superseded(events: Iterable[Event]) -> list[Event]:
    """The events without those that a later attempt repeats: each epoch once, each with its own batches.

    An attempt supersedes everything that earlier attempts reported from its first epoch on, and the batches of epochs
    that they did not complete.
    """
    log = list(events)
    latest = max((event["attempt"] for event in log), default=0)
    first_epoch: dict[int, float] = defaultdict(lambda: float("inf"))
    completed = set()
    for event in log:
        if "epoch" in event:
            attempt, epoch = event["attempt"], math.ceil(event["epoch"])
            first_epoch[attempt] = min(first_epoch[attempt], epoch)
            if event["type"] == "epoch":
                completed.add((attempt, epoch))

    def is_valid(event: Event) -> bool:
        attempt = event["attempt"]
        if attempt == latest or "epoch" not in event:
            return True
        superseded_from = min((first for later, first in first_epoch.items() if later > attempt), default=math.inf)
        epoch = math.ceil(event["epoch"])
        return epoch < superseded_from and (event["type"] != "batch" or (attempt, epoch) in completed)

    return [event for event in log if is_valid(event)]


def _parse_lines(data: bytes) -> list[Event]:
    return [event for line in data.splitlines() if (event := _parse_line(line)) is not None]


def _parse_line(line: bytes) -> Event | None:
    try:
        event = parse_json(line, "events.jsonl")
        if not isinstance(event, dict):
            return None
        number(event, "t", 0, LATEST)
        whole(event, "attempt", 0, MOST_ATTEMPTS)
        text(event, "type")
        if "epoch" in event:
            number(event, "epoch", 0, MOST_EPOCHS)
    except DamagedFileError:
        return None
    return event
