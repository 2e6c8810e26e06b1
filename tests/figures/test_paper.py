"""Sheets of paper: one file, the same bytes each time, with text as it is."""

import re

import numpy as np
import pytest

from cnn.figures import paper


def sheets():
    first = paper.new_sheet("Title", ["Name"], "foot")
    top = paper.write(first, 40, "words " * 60, heading="Heading")
    paper.grid(first, paper.MARGIN, top, [["1", "*a"], ["−3", ""]])
    paper.picture(first, paper.MARGIN, 150, np.zeros((4, 6, 3), np.uint8), 30, (1, 1, 2))
    second = paper.new_sheet("Title", [], "foot")
    paper.bars(second, 40, ["cat", "dog"], [0.9, 0.1])
    return [first, second]


def test_a_file_has_a_page_of_a4_for_each_sheet_and_is_the_same_each_time():
    file = paper.pdf(sheets())
    assert file.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", file)) == 2
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", file)
    assert box and [round(float(side) / 72 * 25.4) for side in box.groups()] == [210, 297]
    assert paper.pdf(sheets()) == file


def test_text_breaks_into_lines_that_end_before_the_margin():
    sheet = paper.new_sheet("Title", [], "foot")
    end = paper.write(sheet, 40, "A convolution slides a small window over the picture. " * 8)
    assert end > 40 + 4 * 5
    sheet.canvas.draw()
    for text in sheet.texts:
        assert text.get_window_extent().x1 <= sheet.bbox.width * (1 - 12 / paper.WIDTH)


@pytest.mark.parametrize("name", ["$x^2$", "100 $", "a_b\\frac{"])
def test_text_is_no_markup(name: str):
    sheet = paper.new_sheet(name, [name], name)
    paper.bars(sheet, 40, [name], [0.5])
    paper.grid(sheet, 20, 80, [[name]])
    assert paper.pdf([sheet]).startswith(b"%PDF")
    assert not any(text.get_parse_math() for text in sheet.texts)


def test_bars_are_as_long_as_their_shares():
    sheet = paper.new_sheet("Title", [], "foot")
    paper.bars(sheet, 40, ["cat", "dog"], [0.7, 0.25])
    assert [bar.get_width() for bar in sheet.axes[0].patches] == pytest.approx([70, 25])
