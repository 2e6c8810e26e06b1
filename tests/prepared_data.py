"""Sharing data sets that were prepared once, between tests that have a data folder each."""

from pathlib import Path


def link_data(home: Path, prepared: Path, *names: str) -> Path:
    """Let the data folder ``home`` have data sets that are prepared in another one; gives ``home``."""
    (home / "data").mkdir(exist_ok=True)
    for name in names:
        (home / "data" / name).symlink_to(prepared / "data" / name)
    return home
