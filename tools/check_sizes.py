"""Whether the house keeps its measures: no function too long or with too many arguments, no folder too full.

``python -m tools.check_sizes`` prints what is too large, a line each, and ends with 1 where there is anything.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("cnn", "pages", "tools", "benchmarks")
MAX_LINES = 60
MAX_ARGUMENTS = 7
MAX_FILES = 16
SOURCE = {".py", ".js"}
FLAT = Path("pages")  # a page's file is its address, so they all stand side by side


def main() -> int:
    """Print the findings; returns 1 where there are any, else 0."""
    findings = [*large_functions(ROOT), *full_folders(ROOT)]
    print("\n".join(findings), end="\n" if findings else "")
    return 1 if findings else 0


def large_functions(root: Path) -> Iterator[str]:
    """A sentence for each function longer than ``MAX_LINES``, or with more arguments than ``MAX_ARGUMENTS``."""
    for path in _modules(root):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            where = f"{path.relative_to(root)}:{node.lineno}: {node.name}"
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_LINES:
                yield f"{where} has {lines} lines, at most {MAX_LINES} are allowed"
            names = [each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            count = len([name for name in names if name not in ("self", "cls")])
            if count > MAX_ARGUMENTS:
                yield f"{where} takes {count} arguments, at most {MAX_ARGUMENTS} are allowed"


def full_folders(root: Path) -> Iterator[str]:
    """A sentence for each folder with more than ``MAX_FILES`` source files side by side."""
    files = (path for room in ROOMS for path in (root / room).rglob("*") if path.suffix in SOURCE)
    for folder, count in Counter(path.parent.relative_to(root) for path in files).items():
        if count > MAX_FILES and folder != FLAT:
            yield f"{folder} has {count} source files, at most {MAX_FILES} are allowed"


def _modules(root: Path) -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((root / room).rglob("*.py"))


if __name__ == "__main__":
    sys.exit(main())
