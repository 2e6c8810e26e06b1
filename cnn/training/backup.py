"""What a run needs to resume after a crash: its complete state after the last finished epoch.

Keras' BackupAndRestore falls short: it overwrites weights and epoch number in place, as two files. If the process dies
between the two, the run resumes with the weights of one epoch under the number of another; if it dies during a write,
the run cannot resume at all. It also deletes both when training ends, before the model is evaluated and saved, and does
not save the state of dropout's random number generators.
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
    """What earlier attempts at this run have done.

    Attributes:
        epochs: Keras' logs of every finished epoch, in order.
        over: whether training has ended, at its last epoch or by early stopping.
        seconds: training time so far.
    """

    epochs: list[dict[str, float]] = field(default_factory=list)
    over: bool = False
    seconds: float = 0.0


class Backup(keras.callbacks.Callback):
    """Saves weights, optimiser, step count and random states after every epoch, in one file.

    Must be the last callback. An epoch counts once its backup exists; if the run dies before that, the epoch is trained
    again, and whatever was reported or saved of it is replaced. In any other order an epoch could be lost.
    """

    def __init__(self, file: Path, past: PastEpochs) -> None:
        super().__init__()
        self._file, self._past, self._started = file, past, time.monotonic()
        self._epochs = list(past.epochs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epochs.append(dict(logs or {}))
        over = self.model.stop_training or epoch + 1 == self.params["epochs"]
        past = PastEpochs(self._epochs, over, self._past.seconds + time.monotonic() - self._started)
        state = [keras.ops.convert_to_numpy(variable) for variable in _state_variables(self.model)]
        write_whole(self._file, lambda path: np.savez(path, *state, past=json.dumps(asdict(past))))


def restore(file: Path, model: keras.Model) -> PastEpochs:
    """Restore ``model`` and its optimiser from the backup; without a readable one they stay as they are."""
    if not file.exists():
        return PastEpochs()
    model.optimizer.build(model.trainable_variables)
    variables = _state_variables(model)
    try:
        with np.load(file) as stored:
            past = PastEpochs(**json.loads(str(stored["past"])))
            values = [stored[f"arr_{i}"] for i in range(len(variables))]
    except (OSError, EOFError, ValueError, LookupError, TypeError, zipfile.BadZipFile) as error:
        log.warning("The backup %s cannot be read, so the run starts over: %r", file, error)
        return PastEpochs()
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return past


def _state_variables(model: keras.Model) -> list[keras.Variable]:
    # ``variables`` includes the random states, which ``weights`` does not.
    return [*model.variables, *model.optimizer.variables]
