"""A worksheet on paper: gaps on its two sides, the answers on the third."""

import re

import pytest
from matplotlib.figure import Figure

from cnn.analysis.worksheet.worksheet import Worksheet, make_worksheet
from cnn.model import store
from pages.shell.more_menu.worksheet_sheets import worksheet_sheets
from tests.prepared_data import link_data


@pytest.fixture(params=["digits", "shapes"])
def worksheet(request, cnn_home, laid_out) -> Worksheet:
    link_data(cnn_home, laid_out(request.param), request.param)
    card = store.card(f"{request.param}-tutorial")
    return make_worksheet(card, store.load_file(card), 5)


def grids(sheet: Figure) -> list[list[str]]:
    """The texts of the sheet's grids, cell by cell."""
    return [texts for axes in sheet.axes if (texts := [text.get_text() for text in axes.texts])]


def lines(sheet: Figure) -> str:
    return "\n".join(text.get_text() for text in sheet.texts)


def numbers(texts: list[str]) -> list[int]:
    return [int(text.replace("−", "-")) for text in texts]


def test_the_front_has_the_numbers_of_the_tasks_and_gaps_where_the_answers_go(worksheet: Worksheet):
    front, _, _ = worksheet_sheets(worksheet, "A network")
    patch, kernel, output, sizes, block, pooled = grids(front)
    task = worksheet.convolution
    assert numbers(patch) == task.patch.ravel().tolist()
    assert numbers(kernel) == task.kernel.ravel().tolist()
    for letter, (row, column) in zip("ab", task.gaps, strict=True):
        assert output[3 * row + column] == letter
    given = {3 * row + column for row in range(3) for column in range(3)} - {3 * r + c for r, c in task.gaps}
    assert all(numbers([output[place]]) == [task.output.ravel()[place]] for place in given)
    assert sizes[5::3] == [""] * 4
    assert numbers(block) == worksheet.pooling.block.ravel().tolist()
    assert pooled == [""] * 4


def test_the_third_side_has_every_answer(worksheet: Worksheet):
    _, _, key = worksheet_sheets(worksheet, "A network")
    sizes, pooled = grids(key)
    assert numbers(sizes[5::3]) == [question.side for question in worksheet.sizes]
    assert numbers(pooled) == worksheet.pooling.pooled.ravel().tolist()
    text = lines(key)
    for letter, gap in zip("ab", worksheet.convolution.gaps, strict=True):
        products, result = re.search(rf"^{letter} = (.*)\n= (−?\d+);", text, re.MULTILINE).groups()
        number = int(worksheet.convolution.output[gap])
        assert numbers([result]) == [number]
        assert sum(eval(product.replace("·", "*").replace("−", "-")) for product in products.split(" + ")) == number
    for index, place in enumerate(worksheet.matching.places):
        assert re.search(rf"kernel {index + 1}: map {'ABCD'[place]}", text)
    for name, share in worksheet.answer:
        assert f"{name}: {100 * share:.0f} %" in text
    for task in worksheet.parameters:
        factors, total = re.search(rf"^{task.layer}: (.*) = ([\d,]+)$", text, re.MULTILINE).groups()
        assert eval(factors.replace("×", "*")) == int(total.replace(",", "")) == task.parameters


def test_nothing_runs_over_an_edge_and_a_title_is_no_markup(worksheet: Worksheet):
    for sheet in worksheet_sheets(worksheet, "My $ network $"):
        sheet.canvas.draw()
        for text in sheet.texts:
            extent = text.get_window_extent()
            assert extent.x0 >= 0 and extent.x1 <= sheet.bbox.width and extent.y0 >= 0, text.get_text()
        assert "My $ network $" in lines(sheet)
