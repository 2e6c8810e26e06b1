"""A run of training that dies or stops where a test says so, and is then started again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras


class Killed(BaseException):
    """Leaves the run as kill -9 would, except for partially written files."""


@dataclass
class InterruptibleRun:
    """The attempts at one run.

    Attributes:
        folder: the run's folder.
        attempts: the events that each attempt has reported.
    """

    folder: Path
    attempts: list[list[dict]] = field(default_factory=list)

    def attempt(
        self,
        fit: Callable[..., dict[str, Any]],
        config: Any,
        die_at: Callable[[dict], bool] = lambda event: False,
        stop_at: Callable[[dict], bool] = lambda event: False,
    ) -> dict[str, Any]:
        """Call ``fit``; it dies or is asked to stop at the first event for which ``die_at`` or ``stop_at`` is true."""
        log, stop = [], []
        self.attempts.append(log)

        def report(event: dict) -> None:
            log.append({"t": 0, "attempt": len(self.attempts), **event})
            if die_at(event):
                raise Killed
            if stop_at(event):
                stop.append(True)

        return fit(config, self.folder, report, lambda: bool(stop))

    def model(self) -> keras.Model:
        """The network that was saved in the end."""
        return keras.saving.load_model(self.folder / "model.keras", compile=False)
