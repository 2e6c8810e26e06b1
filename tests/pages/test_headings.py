"""What looks like the heading of a part of a page is one, so that screen readers find it among the headings."""

import re
from pathlib import Path

PAGES = Path(__file__).parents[2] / "pages"
BOLD_LINE = re.compile(r'\.markdown\(\s*f?"\*\*[^"]*\*\*"')
# Sentences that tell what has just happened.
MESSAGES = {"lessons/images/own_images.py", "lessons/teach_your_own/asking.py"}


def test_a_bold_line_that_stands_alone_is_a_section() -> None:
    files = {str(file.relative_to(PAGES)) for file in PAGES.rglob("*.py") if BOLD_LINE.search(file.read_text())}
    assert files == MESSAGES
