"""What learners get wrong: each row of the teachers' table leads to a place that is there."""

import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from tests.pages.on_screen import component_keys
from tests.pages.opening import open_page

TABLE = Path(__file__).parents[2] / "docs" / "misconceptions.md"
# What is tried on the page that an address opens, by its key.
PLACES = {
    "predict": "predict.again",
    "models?dataset=cifar10&model=cifar10-resnet": "models.bytes",
    "convolution?convolution.kernel=learned": "convolution.maker",
    "evaluation?evaluation.view=sure": "evaluation.certain",
    "teach_your_own": "teach.answer.meaning",
    "dense_or_convolutional?dense.view=photos": "dense.shuffled",
    "dense_or_convolutional": "dense.drag",
    "explanations?explain.view=heat": "explain.trial",
    "evaluation?evaluation.view=exam": "evaluation.best_guesser",
}


def rows() -> list[list[str]]:
    """The cells of the table, without its head."""
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def keys(at: AppTest) -> set[str]:
    """The keys of containers, buttons and components."""

    def of(block: Block) -> set[str]:
        own = str(getattr(block.proto, "id", "")).rpartition("-")[2]
        return {own}.union(*(of(child) for child in block.children.values() if isinstance(child, Block)))

    return of(at.main) | {str(button.key) for button in at.button} | component_keys(at)


def test_there_are_eight_of_them_each_with_a_place_that_is_tested() -> None:
    assert len(rows()) == 8
    assert all(len(cells) == 4 and all(cells) for cells in rows())
    places = [re.findall(r"`([^`]+)`", cells[2]) for cells in rows()]
    assert all(places)
    assert sorted(address for addresses in places for address in addresses) == sorted(PLACES)


@pytest.mark.parametrize("address", PLACES)
def test_the_place_is_there(address: str, digits) -> None:
    path, _, query = address.partition("?")
    at = open_page(f"{path}.py", **dict(parse_qsl(query)))
    assert PLACES[address] in keys(at)
