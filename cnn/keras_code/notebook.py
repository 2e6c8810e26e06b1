"""Writes a page's code as a Jupyter notebook, with the lesson's words before it."""

import ast
import hashlib

import nbformat
from nbformat import v4


def notebook(title: str, words: list[str], code: str) -> bytes:
    """A notebook in format 4 with a cell of words, a cell of imports, a cell for each definition, and one for the rest.

    Args:
        title: the lesson's, plain text.
        words: paragraphs of Markdown, such as the lesson's question and what to notice.
        code: Python.

    Returns:
        The ``.ipynb`` file, UTF-8. The same arguments give the same bytes.

    Source: nbformat documentation, "The notebook file format".
    """
    sources = [("markdown", "\n\n".join([f"# {title}", *words]))]
    sources += [("code", part) for part in split_cells(code)]
    cells = []
    for number, (kind, source) in enumerate(sources):
        cell = v4.new_markdown_cell(source) if kind == "markdown" else v4.new_code_cell(source)
        # nbformat draws the names of cells by chance; these stay the same.
        cell["id"] = hashlib.sha256(f"{number} {source}".encode()).hexdigest()[:12]
        cells.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    written = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    nbformat.validate(written)
    return nbformat.writes(written).encode() + b"\n"


def split_cells(code: str) -> list[str]:
    """The parts of a script that make good cells, in order: imports, each definition by itself, what is between."""
    lines, parts, start, before = code.splitlines(), [], 0, ""
    for node in ast.parse(code).body:
        kind = type(node).__name__
        kind = {"Import": "imports", "ImportFrom": "imports", "FunctionDef": f"definition {node.lineno}"}.get(
            kind, "rest"
        )
        first = node.lineno - 1
        while first > start and lines[first - 1].startswith("#"):  # a comment belongs to what follows it
            first -= 1
        if before and kind != before:
            parts.append("\n".join(lines[start:first]))
            start = first
        before = kind
    parts.append("\n".join(lines[start:]))
    return [stripped for part in parts if (stripped := part.strip("\n"))]
