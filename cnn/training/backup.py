"""What a run needs to go on after a crash: everything as it was after the last whole epoch.

Keras' BackupAndRestore is not used: it overwrites weights and epoch number in place, as two files. Killed in between, a
run goes on with the weights of one epoch under the number of another; killed while it writes, never. It deletes them
when training ends, before the model is evaluated and saved, and it forgets where dropout's random numbers were.
"""

import json
import logging
import time
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnn.files import write_whole

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PastEpochs:
    """What came before this attempt.

    Attributes:
        epochs: Keras' logs of every whole epoch, in order.
        over: training has ended, by itself or by early stopping.
        seconds: how long it has taken so far.
    """

    epochs: list[dict[str, float]] = field(default_factory=list)
    over: bool = False
    seconds: float = 0.0


class Backup(keras.callbacks.Callback):
    """Writes the state after every epoch: weights, optimiser, step number and random states, in one file.

    Must be the last callback. An epoch counts once its backup is there; if the run dies before, the epoch is trained
    again, and all that was reported or kept of it is replaced. The other way round an epoch could go missing.
    """

    def __init__(self, file: Path, past: PastEpochs) -> None:
        super().__init__()
        self._file, self._past, self._started = file, past, time.monotonic()
        self._epochs = list(past.epochs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epochs.append(dict(logs or {}))
        over = self.model.stop_training or epoch + 1 == self.params["epochs"]
        past = PastEpochs(self._epochs, over, self._past.seconds + time.monotonic() - self._started)
        state = [keras.ops.convert_to_numpy(variable) for variable in _state(self.model)]
        write_whole(self._file, lambda path: np.savez(path, *state, past=json.dumps(asdict(past))))


def restore(file: Path, model: keras.Model) -> PastEpochs:
    """Put ``model`` and its optimiser back to the backup. Where there is none, they stay and the past is empty."""
    if not file.exists():
        return PastEpochs()
    model.optimizer.build(model.trainable_variables)
    variables = _state(model)
    try:
        with np.load(file) as stored:
            past = PastEpochs(**json.loads(str(stored["past"])))
            values = [stored[f"arr_{number}"] for number in range(len(variables))]
    except (OSError, EOFError, ValueError, LookupError, TypeError, zipfile.BadZipFile) as error:
        log.warning("The backup %s cannot be read, so the run begins anew: %r", file, error)
        return PastEpochs()
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return past


def _state(model: keras.Model) -> list[keras.Variable]:
    # ``variables``, not ``weights``: it has the random states too.
    return [*model.variables, *model.optimizer.variables]
