"""The menu, and Home, which lists the same lessons."""

from pathlib import Path

from pages.shell.menu import all_lessons
from tests.pages.opening import ROOT


def test_home_opens_cold_with_the_lessons_in_order(page):
    page.run()
    assert not page.exception
    assert page.title[0].value == "Convnet Lab"
    linked = [link.proto.page for link in page.main.get("page_link")]
    files = [Path(lesson.file).stem for lesson in all_lessons() if lesson.group]
    assert linked[-len(files) :] == files


def test_every_page_is_in_the_menu():
    files = {path.name for path in (ROOT / "pages").glob("*.py")} - {"__init__.py", "navigation.py", "glossary.py"}
    assert files == {lesson.file for lesson in all_lessons()}
