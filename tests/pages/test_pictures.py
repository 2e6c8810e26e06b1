"""Pictures reach the browser as they are, pixel by pixel."""

import ast
from pathlib import Path

PAGES = Path(__file__).parents[2] / "pages"
EXACT = {"image_data_uri", "png_data_uri"}


def test_streamlit_is_given_no_array_because_it_would_make_a_jpeg_of_it() -> None:
    inexact, count = [], 0
    for file in sorted(PAGES.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.image":
                count += 1
                picture = node.args[0]
                if not (isinstance(picture, ast.Call) and ast.unparse(picture.func) in EXACT):
                    inexact.append(f"{file.relative_to(PAGES)}:{node.lineno}")
    assert count and inexact == []
