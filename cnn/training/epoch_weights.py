"""The weights saved after each epoch of a run: ``epochs/<n>.weights.h5``, which the time machine replays."""

import os
import re
from pathlib import Path

MAX_BYTES = 60_000_000


def max_bytes() -> int:
    """How many bytes of weights a run keeps: ``CNN_EPOCH_MEGABYTES`` million, or 60 million."""
    setting = os.environ.get("CNN_EPOCH_MEGABYTES", "")
    return int(setting) * 1_000_000 if setting.isdecimal() else MAX_BYTES


def weights_file(folder: Path, epoch: int) -> Path:
    """The file in a run's ``folder`` with the weights after ``epoch`` epochs, whether or not it exists."""
    return folder / "epochs" / f"{epoch}.weights.h5"


def kept_epochs(folder: Path) -> list[int]:
    """The epochs whose weights are still there, in ascending order."""
    names = (path.name for path in (folder / "epochs").glob("*.weights.h5"))
    matches = (re.fullmatch(r"(\d+)\.weights\.h5", name) for name in names)
    return sorted(int(match[1]) for match in matches if match)


def thin_evenly(folder: Path, limit: int, best: int) -> None:
    """Delete epochs, spread evenly, until the rest fit in ``limit`` bytes; the first, best and last epoch stay."""
    epochs = kept_epochs(folder)
    size = {epoch: weights_file(folder, epoch).stat().st_size for epoch in epochs}
    while sum(size[epoch] for epoch in epochs) > limit:
        gaps = {
            epoch: after - before
            for before, epoch, after in zip(epochs, epochs[1:], epochs[2:], strict=False)
            if epoch != best
        }
        if not gaps:
            return
        epochs.remove(dropped := min(gaps, key=gaps.__getitem__))
        weights_file(folder, dropped).unlink(missing_ok=True)


def delete_epochs_after(folder: Path, epoch: int) -> None:
    """Delete the weights of all epochs after ``epoch``, which will be trained again."""
    for later in kept_epochs(folder):
        if later > epoch:
            weights_file(folder, later).unlink(missing_ok=True)
