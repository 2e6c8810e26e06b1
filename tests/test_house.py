"""Rules for the source tree as a whole. ``make check`` runs the linters; these tests prove that they catch a breach."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
# For each contract: a module, and an import that breaks this contract and no other.
BREACHES = {
    "Rooms of cnn: each imports only those below it": ("cnn/keras_code/__init__.py", "import cnn.requests.runs"),
    "Rooms of pages: each imports only those below it": ("pages/server/__init__.py", "import pages.components"),
    "Lessons never import each other": ("pages/lessons/images/__init__.py", "import pages.lessons.training.settings"),
    "No room imports a page": ("pages/widgets/__init__.py", "import pages.glossary"),
    "No circle of modules": ("cnn/errors.py", "import cnn.home"),
    "Figures take arrays and import no other room": ("cnn/figures/__init__.py", "import cnn.jobs.kinds"),
    "The model package imports neither the pages nor Streamlit": ("cnn/errors.py", "import streamlit"),
}
# File names that do not tell what is inside.
VAGUE_NAMES = {"utils.py", "helpers.py", "common.py", "misc.py"}


@pytest.fixture
def source_copy(tmp_path: Path) -> Path:
    """A copy of everything that the import contracts look at."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in ("cnn", "pages"):
        for path in (ROOT / package).rglob("*.py"):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    return tmp_path


@pytest.mark.parametrize("contract", [contract["name"] for contract in CONTRACTS])
def test_forbidden_import_breaks_its_contract(source_copy: Path, contract: str):
    module, forbidden_import = BREACHES[contract]
    with (source_copy / module).open("a") as file:
        file.write(f"\n{forbidden_import}\n")
    command = [sys.executable, "-c", LINT_IMPORTS, "--no-logo", "--no-cache"]
    result = subprocess.run(command, cwd=source_copy, capture_output=True, text=True)
    assert result.returncode == 1, result.stdout + result.stderr
    assert re.findall(r"^(.+) BROKEN$", result.stdout, re.MULTILINE) == [contract]


def test_every_module_has_a_telling_name():
    packages = ("cnn", "pages", "tools", "benchmarks", "tests")
    vague = [path for package in packages for path in (ROOT / package).rglob("*.py") if path.name in VAGUE_NAMES]
    assert vague == []
