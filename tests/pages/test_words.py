"""Words that once stood on the pages and read as if translated are gone from everything that people read."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [
    ROOT / "app.py",
    *(file for room in ("pages", "cnn", "tools") for file in sorted((ROOT / room).rglob("*.py"))),
]
SCRIPTS = [file for ending in ("*.js", "*.html") for file in sorted((ROOT / "pages").rglob(ending))]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# What is said now stands in the glossary, ``pages/shell/terms.py``.
OLD_WORDS = (
    "in hand",
    "practise",
    "held-out image",
    "held-out photo",
    "as they come",
    "most average",
    "One by one",
    "The set as a whole",
    "Bring a model",
    "really: ",
    "What does it take for what",
    "said →",
    "is it surest of",
    "surest mistake",
    "Where can it hardly decide",
    "Does it know when it is wrong",
    "How much can it stand",
    "Disturb the",
    "Which images are alike to it",
    "to be trusted",
    "How many are right**",
    "How wrong it is**",
    "Passes over all",
    "Lay earlier runs",
    "Run beside it",
    "learn by heart",
    "learning by heart",
    "learns by heart",
    "Begin with",
    "Pooling: the largest",
    "What comes in from outside",
    "Many variants of one",
    "rightly",
    "once varied anew",
    "excites it most",
    "lit is what",
    "Purple takes away",
    "How to ask",
    "Every part hidden",
    "Let it forget",
    "Let learn",
    "the head alone",
    "bought nothing",
    "Another one",
    "kept back",
    "Until then nobody knows",
    "hardly chance",
)


def strings_of(file: Path) -> str:
    """Every string of a module that is no docstring, one a line."""
    tree = ast.parse(file.read_text())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        node.body[0].value for node in ast.walk(tree) if isinstance(node, documented) and ast.get_docstring(node)
    }
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return "\n".join(node.value for node in strings if node not in docstrings)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """What people can read, by the file that it stands in."""
    read = {file: strings_of(file) for file in SOURCES} | {file: file.read_text() for file in (*SCRIPTS, *DOCUMENTS)}
    return {str(file.relative_to(ROOT)): text for file, text in read.items()}


@pytest.mark.parametrize("words", OLD_WORDS)
def test_an_old_word_is_nowhere(texts: dict[str, str], words: str) -> None:
    # A label begins with a capital letter, and is another thing than the same words within a sentence.
    pattern = re.compile(rf"(?<!\w){re.escape(words)}", re.IGNORECASE if words[0].islower() else re.NOFLAG)
    assert [file for file, text in texts.items() if pattern.search(text)] == []


def test_no_page_speaks_of_a_tutorial_that_its_readers_do_not_know(texts: dict[str, str]) -> None:
    shown = {file: text for file, text in texts.items() if file.startswith(("pages/", "cnn/"))}
    assert [file for file, text in shown.items() if re.search(r"\b(tutorial's|the tutorial)\b", text)] == []
