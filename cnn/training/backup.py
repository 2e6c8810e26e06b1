"""What a run needs to go on after a crash: everything as it was after the last whole epoch.

Keras' BackupAndRestore is not used: it overwrites weights and epoch number in place, as two files. Killed in between, a
run goes on with the weights of one epoch under the number of another; killed while it writes, never. It also deletes
its files when training ends, before the model is evaluated and saved.
"""

import json
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras

from cnn.home import write_atomically
from cnn.training.epochs import write_whole


@dataclass
class Past:
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
    """Writes the state after every epoch: weights, optimiser, step number and random states.

    Must be the last callback. An epoch counts once its backup is there; if the run dies before, the epoch is trained
    again, and all that was reported or kept of it is replaced. The other way round an epoch could go missing.
    """

    def __init__(self, folder: Path, past: Past) -> None:
        super().__init__()
        self._folder, self._past, self._started = folder, past, time.monotonic()
        self._epochs = list(past.epochs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._folder.mkdir(exist_ok=True)
        self._epochs.append(dict(logs or {}))
        over = self.model.stop_training or epoch + 1 == self.params["epochs"]
        seconds = self._past.seconds + time.monotonic() - self._started
        state = {"epochs": self._epochs, "over": over, "seconds": seconds}
        write_atomically(self._folder / f"{epoch + 1}.json", json.dumps(state))
        # The weights come last: where they are, the rest is too.
        write_whole(self._folder / f"{epoch + 1}.weights.h5", self.model.save_weights)
        for old in self._folder.iterdir():
            if not old.name.startswith(f"{epoch + 1}."):
                old.unlink(missing_ok=True)


def restore(folder: Path, model: keras.Model) -> Past:
    """Put ``model`` and its optimiser back to the last backup in ``folder``; an empty past where there is none."""
    epochs = [int(path.name.partition(".")[0]) for path in folder.glob("[0-9]*.weights.h5")]
    if not epochs:
        return Past()
    state = json.loads((folder / f"{max(epochs)}.json").read_text())
    model.optimizer.build(model.trainable_variables)
    model.load_weights(folder / f"{max(epochs)}.weights.h5")
    return Past(**state)


def remove(folder: Path) -> None:
    """Forget the state a crash would have gone on from."""
    shutil.rmtree(folder, ignore_errors=True)
