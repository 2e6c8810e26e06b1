"""The menu, and Home, which lists the same lessons."""

from pages.shell.menu import all_lessons
from tests.pages.opening import ROOT, main_text


def test_home_opens_cold_with_the_lessons_in_order(page):
    page.run()
    assert not page.exception
    assert page.title[0].value == "Convnet Lab"
    positions = [main_text(page).index(lesson.question) for lesson in all_lessons() if lesson.group]
    assert positions == sorted(positions)


def test_every_page_is_in_the_menu():
    files = {path.name for path in (ROOT / "pages").glob("*.py")} - {"__init__.py", "navigation.py", "glossary.py"}
    assert files == {lesson.file for lesson in all_lessons()}
