"""The registry of job kinds: complete, importable, and cheap to look at."""

import subprocess
import sys
from pathlib import Path

import pytest

from cnn.errors import JobError
from cnn.jobs import kinds

ROOT = Path(__file__).resolve().parents[2]
KINDS = [
    *("prepare", "bring", "train", "transfer", "weights", "export", "admit", "inspect", "keep", "measure", "study"),
    "cnn.model.admission:run_job",  # as version 0.1 wrote it
]


def test_these_kinds_are_registered():
    kinds.is_registered("train")  # fills the registry
    assert sorted(kinds._functions) == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_function_of_a_registered_kind_is_callable(kind):
    assert kinds.is_registered(kind)
    assert callable(kinds.job_function(kind))


def test_function_may_be_named_instead_of_a_kind():
    assert not kinds.is_registered("cnn.data.catalog:run_job")
    assert kinds.job_function("cnn.data.catalog:run_job") is kinds.job_function("prepare")


def test_unknown_kind_is_refused_with_a_sentence():
    assert not kinds.is_registered("bake")
    with pytest.raises(JobError, match=r"knows no job of the kind “bake”. It knows .*train.*; delete the job"):
        kinds.job_function("bake")


def test_kind_belongs_to_one_function(monkeypatch):
    monkeypatch.setattr(kinds, "_functions", {})
    monkeypatch.setattr(kinds, "_modules_to_warm_up", [])
    kinds.register("bake", "bakery:bake")
    kinds.register("bake", "bakery:bake")
    with pytest.raises(ValueError, match=r"“bake” is bakery:bake already; kitchen:bake needs another name"):
        kinds.register("bake", "kitchen:bake")
    assert kinds._functions == {"bake": "bakery:bake"}


def test_only_training_is_imported_before_its_first_job():
    assert kinds.modules_to_warm_up() == ["cnn.training.fit"]


def test_looking_at_the_kinds_imports_no_tensorflow():
    script = """
import sys
from cnn.jobs import kinds
assert kinds.is_registered("train") and not kinds.is_registered("bake")
assert kinds.modules_to_warm_up()
print(*sorted({"keras", "tensorflow"} & sys.modules.keys()))
"""
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "\n"
