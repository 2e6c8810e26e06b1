"""What a screen reader finds on each page: headings, controls and pictures, by their names and in this order.

After a change that is meant, ``python -m tools.accessibility_tree`` writes the outlines anew: read them before you keep
them.
"""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page

from tools.accessibility_tree import OUTLINES, open_finished, page_names, settled_outline


@pytest.mark.parametrize("name", page_names())
def test_a_page_is_to_a_screen_reader_what_it_was(page: Page, name: str) -> None:
    open_finished(page, name)
    expected = (OUTLINES / f"{name}.txt").read_text()
    assert settled_outline(page, expected).splitlines() == expected.splitlines()


@pytest.mark.parametrize("name", page_names())
def test_a_page_has_one_title_and_no_gap_between_its_headings(name: str) -> None:
    levels = [
        int(level) for level in re.findall(r"^heading \[level=(\d)\]", (OUTLINES / f"{name}.txt").read_text(), re.M)
    ]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(following <= before + 1 for before, following in pairwise(levels))
