"""Removal of what killed preparations leave behind; ``test_fetch`` has the case of a live process."""

import os
from pathlib import Path

from cnn.data.download import leftovers


def test_only_abandoned_files_are_removed(tmp_path: Path) -> None:
    partial = [
        "shapes/incomplete.ABC_1.0.0/shard",
        "shapes/default/incomplete.DEF_1.0.0/shard",
        "downloads/mnist/train.gz.tmp.0123/train.gz",
        "downloads/mnist/train.gz.INFO",
        "incomplete.cifar10/train.images.npy",
    ]
    complete = ["mnist/3.0.1/dataset_info.json", "downloads/mnist/test.gz", "downloads/mnist/test.gz.INFO", "note.txt"]
    for path in (tmp_path / name for name in partial + complete):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert leftovers.remove_abandoned(tmp_path) == 0

    past = tmp_path.stat().st_mtime - 2 * leftovers.ABANDONED_SECONDS
    for path in tmp_path.rglob("*"):
        os.utime(path, (past, past))
    assert leftovers.remove_abandoned(tmp_path) == len(partial)
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()) == sorted(complete)
    assert leftovers.remove_abandoned(tmp_path / "missing") == 0
