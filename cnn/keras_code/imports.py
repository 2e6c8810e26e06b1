"""Writes the imports that a piece of code needs, in the order of Ruff and isort."""

import re
from functools import lru_cache

_STANDARD = {"import io": r"\bio\.", "import math": r"\bmath\.", "from pathlib import Path": r"\bPath\("}
_INSTALLED = {
    "import keras": r"\bkeras\.",
    "import numpy as np": r"\bnp\.",
    "import tensorflow as tf": r"\btf\.",
    "import tensorflow_datasets as tfds": r"\btfds\.",
    "from keras import layers": r"(?<!\.)\blayers\.",
    "from PIL import Image": r"\bImage\.",
    "from PIL import Image, ImageOps": r"\bImageOps\.",
    "from pillow_heif import register_heif_opener": r"\bregister_heif_opener\(\)  #",
    "from sklearn.linear_model import LogisticRegression": r"\bLogisticRegression\(",
}


@lru_cache(maxsize=256)  # every rerun of a page shows its code
def imports_code(body: str, *last: str) -> str:
    """The import statements for the names that ``body`` uses.

    Args:
        body: Python code without its imports.
        last: further statements, of a group of their own at the end.

    Returns:
        Up to three groups of lines, with an empty line after each.
    """
    groups = [[line for line, name in group.items() if re.search(name, body)] for group in (_STANDARD, _INSTALLED)]
    if "from PIL import Image, ImageOps" in groups[1]:
        groups[1].remove("from PIL import Image")
    return "\n\n".join("\n".join(group) for group in [*groups, list(last)] if group) + "\n\n"


def with_imports(body: str, *last: str) -> str:
    """``body`` after its imports, with the empty lines that Ruff wants: two around each definition."""
    return imports_code(body, *last) + "\n" * body.startswith("def ") + _space_definitions(body)


def _space_definitions(code: str) -> str:
    lines: list[str] = []
    in_definition = False
    for line in code.split("\n"):
        begins = line[:1].strip() != ""
        if begins and (in_definition or line.startswith("def ")):
            end = len(lines)
            while not in_definition and end and lines[end - 1].startswith("#"):  # comments belong to the definition
                end -= 1
            comments = lines[end:]
            while end and not lines[end - 1]:
                end -= 1
            lines[end:] = ["", "", *comments] if end else comments
        if begins:
            in_definition = line.startswith("def ")
        lines.append(line)
    return "\n".join(lines)
