"""The house's own rules: style, types, and the direction of imports. A failure is the tool's finding, word for word."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Names that say nothing about what is inside.
NAMELESS = {"utils.py", "helpers.py", "common.py", "misc.py"}


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "ruff", "check", "--quiet", "."],
        ["-m", "ruff", "format", "--check", "."],
        ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-logo"],
        ["-m", "mypy"],
    ],
    ids=["ruff", "format", "imports", "types"],
)
def test_tool_finds_nothing(command: list[str]):
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)


def test_every_module_has_a_telling_name():
    rooms = ("cnn", "pages", "tools", "benchmarks", "tests")
    nameless = [path for room in rooms for path in (ROOT / room).rglob("*.py") if path.name in NAMELESS]
    assert nameless == []
