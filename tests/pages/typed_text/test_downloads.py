"""What pupils have typed is text in the files that pages offer: code, notebooks, tables, zips and paper."""

import ast
import csv
import io
import re
import unicodedata
import zipfile

import nbformat
import pytest
import streamlit as st

from cnn.analysis.worksheet.worksheet import make_worksheet
from cnn.model import store
from cnn.model.exchange import package
from cnn.typed_text import make_visible
from pages.shell.more_menu.worksheet_sheets import worksheet_sheets
from tests.data.own.uploads import encode_random_image
from tests.pages.opening import open_page, upload
from tests.pages.typed_text.hostile_names import CLASSES, FILE, MARKER, MODEL

VISIBLE = [make_visible(name) for name in CLASSES]


def written_names(code: str) -> list[str]:
    """The strings in Python code that hold the marker; there is no marker anywhere else in it."""
    strings = [node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]
    found = [string for string in strings if isinstance(string, str) and MARKER in string]
    assert len(re.findall(MARKER, code)) == sum(string.count(MARKER) for string in found)
    return found


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, bytes]]:
    """(file name, content) of each download that the pages offer from now on, by the button's key."""
    offered: dict[str, tuple[str, bytes]] = {}
    button = st.download_button

    def remember(label, data, file_name, *arguments, key, **options):
        offered[key] = file_name, data
        return button(label, data, file_name, *arguments, key=key, **options)

    monkeypatch.setattr(st, "download_button", remember)
    return offered


def test_predict_offers_a_notebook_and_a_table(query: dict[str, str], downloads) -> None:
    at = open_page("predict.py", **query)
    upload(at, (FILE, encode_random_image(1)), (f"-{FILE}", encode_random_image(2)))
    assert not at.exception
    _, write = downloads["shell.notebook"]
    cells = nbformat.reads(write().decode(), as_version=4).cells
    assert [written_names(cell.source) for cell in cells if cell.cell_type == "code"][-1] == VISIBLE
    _, table = downloads["predict.csv"]
    _, *rows = csv.reader(io.StringIO(table.decode("utf-8-sig"), newline=""))
    assert [row[0] for row in rows] == [f"'{make_visible(file)}" for file in (FILE, f"-{FILE}")]
    for row in rows:
        assert not row[1].startswith(("=", "+", "-", "@"))
        assert row[1].removeprefix("'") in VISIBLE


def test_a_model_is_taken_away_with_a_script_and_a_readme(query: dict[str, str], downloads) -> None:
    at = open_page("models.py", **query, view="away")
    assert not at.exception
    card = store.card(query["model"])
    for name, _ in downloads.values():
        assert not [c for c in name if unicodedata.category(c) in ("Cc", "Cf") or c in '<>:"/\\|?*'], name
    assert written_names(package.predict_script(card)) == VISIBLE
    with zipfile.ZipFile(io.BytesIO(downloads["models.zip"][1]())) as archive:
        assert written_names(archive.read("predict.py").decode()) == VISIBLE
        assert archive.read("class_names.txt").decode().splitlines() == VISIBLE
        assert archive.read("README.txt").decode().splitlines()[0].startswith(f"{make_visible(MODEL)}: a network")


def test_a_worksheet_shows_names_as_they_are(query: dict[str, str]) -> None:
    card = store.card(query["model"])
    for sheet in worksheet_sheets(make_worksheet(card, store.load_file(card), 5), card.title):
        sheet.canvas.draw()
        assert any(make_visible(MODEL) in text.get_text() for text in sheet.texts)
        assert not any(text.get_parse_math() for text in sheet.texts)
