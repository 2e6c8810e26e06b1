"""Every page that shows code offers it as a notebook with the page's own words."""

from pathlib import Path

import nbformat
import pytest
from streamlit.testing.v1 import AppTest

from pages.shell import page_layout
from tests.pages.opening import open_page

ROOT = Path(__file__).parents[3]
PAGES = sorted(file.name for file in (ROOT / "pages").glob("*.py") if "page_foot(" in file.read_text())


def written_notebook(at: AppTest, monkeypatch: pytest.MonkeyPatch) -> nbformat.NotebookNode:
    """The notebook that the button of the opened page writes when it is clicked."""
    writers = []
    button = page_layout.st.download_button

    def remember(label, data, *arguments, **options):
        if options.get("key") == "shell.notebook":
            writers.append(data)
        return button(label, data, *arguments, **options)

    monkeypatch.setattr(page_layout.st, "download_button", remember)
    at.run()
    assert not at.exception
    return nbformat.reads(writers[-1]().decode(), as_version=nbformat.NO_CONVERT)


def test_there_are_fourteen_pages_with_code() -> None:
    assert len(PAGES) == 14


@pytest.mark.parametrize("page", PAGES)
def test_the_notebook_holds_title_question_notice_and_the_code_shown(
    page: str, digits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page(page, dataset="digits")
    written = written_notebook(at, monkeypatch)
    words, *code = [cell.source for cell in written.cells]
    assert words.startswith(f"# {at.title[0].value}\n\n")
    shown = at.code[-1].value if page != "models.py" else at.get("code")[-1].value
    assert [line for cell in code for line in cell.splitlines() if line] == [
        line for line in shown.splitlines() if line
    ]
    notices = [element.value for element in at.main.markdown if element.value.startswith(page_layout.NOTICE)]
    assert all(notice.replace("\N{NO-BREAK SPACE}", " ") in words for notice in notices)
    assert words.count(page_layout.NOTICE) == len(notices)
