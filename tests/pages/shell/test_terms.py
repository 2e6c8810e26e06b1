"""The glossary: its page, and its terms in tooltips."""

import pytest

from pages.shell import terms
from tests.pages.opening import main_text


def test_the_glossary_opens_and_finds_words(page):
    page.run()
    page.switch_page("glossary.py").run()
    assert not page.exception
    assert "**epoch** · one pass over all training images" in main_text(page)
    page.text_input(key="glossary.find").set_value("LOGIT").run()
    assert "logits" in main_text(page)
    assert "**epoch**" not in main_text(page)
    page.text_input(key="glossary.find").set_value("zzz").run()
    assert "No entry has “zzz” in it." in main_text(page)


def test_terms_are_found_by_their_professional_name():
    assert terms.term("Epoch").startswith("**epoch**: one pass over all training images.")
    assert len({entry.word for entry in terms.TERMS}) == len(terms.TERMS) >= 35
    with pytest.raises(KeyError):
        terms.term("flux capacitor")
