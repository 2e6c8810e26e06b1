"""The weights kept after each epoch of a run: ``epochs/<n>.weights.h5``, the film the time machine plays."""

import os
import re
from pathlib import Path

MAX_BYTES = 60_000_000


def max_bytes() -> int:
    """How many bytes of weights a run keeps: ``CNN_EPOCH_MEGABYTES`` million, or 60 million."""
    setting = os.environ.get("CNN_EPOCH_MEGABYTES", "")
    return int(setting) * 1_000_000 if setting.isdigit() else MAX_BYTES


def weights_file(folder: Path, epoch: int) -> Path:
    """Where the weights after ``epoch`` epochs are, in the run's ``folder``."""
    return folder / "epochs" / f"{epoch}.weights.h5"


def kept(folder: Path) -> list[int]:
    """The epochs whose weights were kept, in order."""
    found = (re.fullmatch(r"(\d+)\.weights\.h5", path.name) for path in (folder / "epochs").glob("*.weights.h5"))
    return sorted(int(match[1]) for match in found if match)


def keep_evenly(folder: Path, limit: int) -> None:
    """Delete epochs until the rest fit in ``limit`` bytes: evenly thinned, the first and the last always stay."""
    epochs = kept(folder)
    size = {epoch: weights_file(folder, epoch).stat().st_size for epoch in epochs}
    while len(epochs) > 2 and sum(size[epoch] for epoch in epochs) > limit:
        gaps = [epochs[i + 1] - epochs[i - 1] for i in range(1, len(epochs) - 1)]
        dropped = epochs.pop(1 + gaps.index(min(gaps)))
        weights_file(folder, dropped).unlink(missing_ok=True)
