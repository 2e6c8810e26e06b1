"""Saving and loading on the Models page: the answers, their difference, and where a model stays."""

import re

import numpy as np
import pytest

from cnn.data import catalog
from cnn.model import store
from cnn.model.predict import predictor
from cnn.model.round_trip import RoundTrip
from pages.lessons.models.round_trip import describe_trip
from pages.server.workspace_cookie import COOKIE_DAYS
from tests.pages.on_screen import captions, mentions
from tests.pages.opening import open_page, texts


def test_a_click_saves_loads_and_compares_the_answers_to_held_out_images(digits) -> None:
    at = open_page("models.py", view="trip")
    assert not at.table
    at.button(key="models.trip").click().run()
    assert not at.exception
    card = store.card("digits-tutorial")
    held_out = catalog.load("digits", "validation")
    positions = np.array([0, round((len(held_out) - 1) / 2), len(held_out) - 1])
    predict = predictor(store.load(card.id))
    expected = predict(held_out.fitted(positions, card.input_shape))
    table = at.table[0].value
    assert len(table) == len(captions(at)) == 3
    for row, (_, cells) in zip(expected, table.iterrows(), strict=True):
        said = f"{card.class_names[int(row.argmax())]} {100 * float(row.max()):.5f}\N{NO-BREAK SPACE}%"
        assert cells["the network"] == said
        assert cells["loaded from the file"] == said
        assert float(cells["greatest difference"]) <= 1e-6
    size = float(re.search(r"The file has \*\*([\d.]+) MB\*\*", texts(at))[1])
    assert size == pytest.approx(card.bytes / 1e6, abs=0.06)  # which has the state of its optimiser, or has not
    assert mentions(at, "30", "probabilities")
    # It is of this network only, and stays while the page is used.
    at.run()
    assert len(at.table) == 1
    at.selectbox(key="shell.dataset").set_value("shapes").run()
    assert not at.table and not at.exception


def test_without_its_data_set_it_is_asked_about_photos(cnn_home) -> None:
    at = open_page("models.py", view="trip", model="cifar10-resnet")
    at.button(key="models.trip").click().run()
    assert not at.exception
    assert [caption[4:] for caption in captions(at)] == ["A temple", "A flower", "A cat"]
    assert len(at.table[0].value) == 3


def test_the_page_says_where_a_model_is_and_shows_code_that_does_the_same(cnn_home) -> None:
    at = open_page("models.py", view="trip")
    assert mentions(at, "Where is my model when I close the browser?")
    assert mentions(at, "server", "cookie", COOKIE_DAYS, "download")
    code = str(at.get("code")[-1].value)
    assert 'model.save("kept.keras")' in code and 'load_model("kept.keras")' in code
    assert any(button.proto.id.endswith("-models.download") for button in at.get("download_button"))


@pytest.mark.parametrize(
    ("difference", "verdict"), [(0.0, "the same to the last digit"), (3e-7, "rounding"), (0.02, "more than rounding")]
)
def test_a_difference_is_said_as_it_is(difference: float, verdict: str) -> None:
    before = np.full((3, 2), 0.5)
    sentence = describe_trip(RoundTrip(2_500, before, before + difference))
    assert verdict in sentence
    assert f"**{difference:.1g}**" in sentence
    assert "2.5 kB" in sentence and "6 probabilities" in sentence
