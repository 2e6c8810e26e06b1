"""Limits on the length and arguments of functions and on the source files in a folder; names that mean one thing.

``python -m tools.check_sizes`` prints one line for each breach, and exits with 1 if there are any.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("cnn", "pages", "tools", "benchmarks")
MAX_LINES = 60
MAX_ARGUMENTS = 7
MAX_FILES = 16
SOURCE_SUFFIXES = {".py", ".js"}
UNLIMITED = Path("pages")  # Streamlit derives a page's address from its file, so all pages share one folder


def main() -> int:
    """Print the breaches; return 1 if there are any, else 0."""
    breaches = [*large_functions(ROOT), *full_folders(ROOT), *shared_names(ROOT)]
    print("\n".join(breaches), end="\n" if breaches else "")
    return 1 if breaches else 0


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
            parameters = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            count = sum(parameter.arg not in ("self", "cls") for parameter in parameters)
            if count > MAX_ARGUMENTS:
                yield f"{where} takes {count} arguments, at most {MAX_ARGUMENTS} are allowed"


def full_folders(root: Path) -> Iterator[str]:
    """A sentence for each folder with more than ``MAX_FILES`` source files side by side."""
    files = (path for package in PACKAGES for path in (root / package).rglob("*") if path.suffix in SOURCE_SUFFIXES)
    for folder, count in Counter(path.parent.relative_to(root) for path in files).items():
        if count > MAX_FILES and folder != UNLIMITED:
            yield f"{folder} has {count} source files, at most {MAX_FILES} are allowed"


def shared_names(root: Path) -> Iterator[str]:
    """A sentence for each module beside a folder of the same name, such as results beside the data they are of."""
    for path in _modules(root):
        if path.with_suffix("").is_dir():
            yield f"{path.relative_to(root)} and the folder beside it share a name"


def _modules(root: Path) -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((root / package).rglob("*.py"))


if __name__ == "__main__":
    sys.exit(main())
