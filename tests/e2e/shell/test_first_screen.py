"""What a lesson is about stands on the first screen, on a desk and on a phone, and no page is a long way down."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import PATIENCE, keyed
from tests.e2e.shell.test_frame import DESK, PATHS, PHONE, box
from tools.browser_page import open_page, wait_until_settled

# Of each lesson: the control to begin with, the picture, and the answer; keys of containers, or CSS selectors.
LESSONS = {
    "/predict": ("picture.tiles", ".st-key-predict-picture img", "predict.answer"),
    "/training?dataset=digits": ("training.start", "training.accuracy_curve", "training.answer"),
    "/convolution": (".sliding .play", ".sliding .output .board", ".sliding .line"),
    "/feature_maps": ("maps.layers", ".st-key-maps-picture img", ".st-key-maps-answer h2"),
    "/explanations": ("explain.view", ".occluder canvas", "explain.answer"),
    "/time_machine": (".film .play", ".film .look img", ".film .answers"),
    "/teach_your_own": ("teach.try", ".st-key-teach-answer-pictures img", "teach.answer"),
    "/augmentation": ("augmentation.view", ".gallery img", "augmentation.score"),
    "/images": ("images.view", ".st-key-images-tiles img", ".st-key-images-tiles img + span"),
    "/evaluation": ("evaluation.view", ".matrix td button", "evaluation.exam"),
}
MOST_SCREENS = {DESK: 2.2, PHONE: 4.0}
LONG = "/glossary"


def part(page: Page, name: str) -> Locator:
    """The first element of a selector, or what stands under a key."""
    return (keyed(page, name) if re.fullmatch(r"\w+(\.\w+)*", name) else page.locator(name)).first


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", LESSONS)
def test_question_control_picture_and_answer_stand_on_the_first_screen(
    page: Page, path: str, size: tuple[int, int]
) -> None:
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    open_page(page, path)
    parts = {"question": keyed(page, "shell.question")}
    parts |= {
        what: part(page, name) for what, name in zip(("control", "picture", "answer"), LESSONS[path], strict=True)
    }
    for shown in parts.values():
        expect(shown).to_be_visible(timeout=PATIENCE)
    wait_until_settled(page)
    for what, shown in parts.items():
        found = box(shown)
        ends = (found["x"], found["y"], width - found["x"] - found["width"], height - found["y"] - found["height"])
        assert min(ends) >= 0, f"{what}: {found}"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", [path for path in PATHS.values() if path != LONG])
def test_a_page_is_at_most_so_many_screens_long(page: Page, path: str, size: tuple[int, int]) -> None:
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    open_page(page, path)
    wait_until_settled(page)
    length = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
    assert length <= MOST_SCREENS[size] * height, f"{length / height:.2f} screens"
