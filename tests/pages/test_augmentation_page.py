"""Augmentation, opened cold, in each of its views."""

import pytest

from tests.pages.opening import open_page, texts


def test_it_opens_on_24_variants_with_the_networks_answers(digits) -> None:
    at = open_page("augmentation.py")
    assert "varied 24 times" in texts(at)
    html = "\n".join(element.proto.body for element in at.get("html"))
    assert html.count('<div role="listitem"') == 24
    at.segmented_control(key="augmentation.strength").set_value(0.0).run()
    assert "24 of 24" in texts(at)
    assert not at.exception


@pytest.mark.parametrize("view", ["many", "sweep", "help"])
def test_every_view_opens_in_the_lab(digits, view) -> None:
    at = open_page("augmentation.py", level="lab", **{"augmentation.view": view})
    at.selectbox(key="augmentation.noise").set_value(0.1).run()
    assert not at.exception
