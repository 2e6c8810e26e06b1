"""Data folders for benchmarks."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cnn.data import catalog


@contextlib.contextmanager
def home_with_cifar10() -> Iterator[Path | None]:
    """A new ``CNN_HOME`` with CIFAR-10 laid out, or None, with a printed notice, if CIFAR-10 is not on this machine."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["CNN_HOME"] = home
        if catalog.needs_download("cifar10"):
            print("  Skipped: CIFAR-10 is not on this machine. Set TFDS_DATA_DIR to a prepared copy.")
            yield None
        else:
            catalog.prepare("cifar10", lambda event: None, lambda: False)
            yield Path(home)
