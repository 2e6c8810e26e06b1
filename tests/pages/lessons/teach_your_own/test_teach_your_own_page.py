"""The Teach your own page, opened cold: a fitted example, photos that arrive, and photos that are refused."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnn.analysis.evaluation.intervals import wilson
from cnn.data import catalog
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from tests.pages.lessons.teach_your_own.teaching import (
    FILE,
    add_photos,
    answer,
    load_example,
    photo,
    photo_counts,
    rename,
    start_empty,
    uploader_of,
)
from tests.pages.on_screen import captions, linked_pages, mentions
from tests.pages.opening import open_page, texts


def predicts(at: AppTest, name: str) -> bool:
    """Whether the class ``name`` is predicted for the picture tried last, which also has its evidence drawn."""
    shown = re.search(rf"\*\*[^*]*\b{name}, (under |over )?\d+ %\*\*", texts(at)) is not None
    return shown and any(caption.endswith(name) for caption in captions(at))


def test_it_opens_on_a_fitted_example() -> None:
    at = open_page(FILE)
    assert any(predicts(at, name) for name in at.session_state["taught.names"])
    head = at.session_state["teach.head"][1]
    labels = np.repeat([0, 1], 8)
    correct, count = int((head.probabilities.argmax(axis=1) == labels)[head.held_out].sum()), int(head.held_out.sum())
    low, high = (round(100 * end) for end in wilson(correct, count))
    assert count > 0
    assert mentions(at, correct, count)
    assert mentions(at, low, high)
    assert mentions(at, "built-in base", "32 × 32")
    assert "stay on this server and nobody else sees them" in texts(at)
    assert photo_counts(at) == [8, 8]
    assert queue.jobs() == []


def test_a_head_is_fitted_as_soon_as_two_classes_have_photos() -> None:
    at = open_page(FILE)
    start_empty(at)
    assert "There are no photos yet" in texts(at)
    add_photos(at, 0, [photo("star", n) for n in range(5)])
    assert "There are photos of one class only, “Class A”" in texts(at)
    add_photos(at, 1, [photo("circle", n) for n in range(5)])
    assert photo_counts(at) == [5, 5]
    assert "More photos are needed to test it" in texts(at)
    at.segmented_control(key="teach.try").set_value("Upload").run()
    for shape, name in (("circle", "Class B"), ("star", "Class A")):
        uploader_of(at, "teach.out.files").upload(*photo(shape, 50))
        at.run()
        assert predicts(at, name)


def test_an_empty_class_a_corrupt_photo_and_a_duplicate_are_reported_and_nothing_is_lost() -> None:
    at = open_page(FILE)
    start_empty(at)
    at.button(key="teach.more").click().run()
    add_photos(at, 0, [photo("star", n) for n in range(3)])
    add_photos(at, 1, [photo("circle", 1), ("broken.jpg", b"no photo at all", "image/jpeg"), photo("circle", 2)])
    assert "broken.jpg" in texts(at)
    assert photo_counts(at) == [3, 2, 0]
    assert "The class “Class C” has no photos yet. Give it some, or take the class away." in texts(at)
    at.button(key="teach.remove.2").click().run()
    assert len(photo_counts(at)) == 2
    add_photos(at, 1, [photo("star", 1)])
    assert "The same photo is in “Class A” and in “Class B”; it can be only one of them." in texts(at)
    assert photo_counts(at) == [3, 3]


def test_of_five_hundred_photos_at_once_a_hundred_are_added() -> None:
    at = open_page(FILE)
    start_empty(at)
    small = []
    for number in range(500):
        file = io.BytesIO()
        Image.fromarray(np.full((8, 8, 3), number % 256, np.uint8)).save(file, "PNG")
        small.append((f"{number}.png", file.getvalue(), "image/png"))
    add_photos(at, 0, small)
    assert photo_counts(at) == [100, 0]
    assert mentions(at, "500 photos", 100, 100)


def test_classes_are_renamed_added_and_removed() -> None:
    at = open_page(FILE)
    start_empty(at)
    at.text_input(key="teach.name.0.Class A").set_value("  my   mug ").run()
    assert at.session_state["taught.names"] == ["my mug", "Class B"]
    at.text_input(key="teach.name.1.Class B").set_value("my mug").run()
    assert "There is a class “my mug” already" in texts(at)
    for _ in range(8):
        at.button(key="teach.more").click().run()
    assert len(at.session_state["taught.names"]) == 10
    assert at.button(key="teach.more").disabled
    at.button(key="teach.remove.0").click().run()
    assert at.session_state["taught.names"][0] == "Class B"


def test_misclassified_photos_are_removed_and_everything_deleted_with_a_click() -> None:
    at = open_page(FILE)
    start_empty(at)
    add_photos(at, 0, [photo("star", n) for n in range(6)])
    add_photos(at, 1, [*[photo("circle", n) for n in range(6)], photo("star", 20)])
    before = sum(photo_counts(at))
    at.button(key="teach.doubted").click().run()
    assert sum(photo_counts(at)) < before
    at.button(key="teach.delete").click().run()
    answer(at, yes=True)
    assert photo_counts(at) == [0, 0]


def test_the_lesson_on_shortcuts_asks_for_a_guess_before_it_shows_the_prediction() -> None:
    at = open_page(FILE)
    load_example(at, "broken")
    assert "All moons lay on light tables, all circles on dark ones" in texts(at)
    before = captions(at)
    assert "Look at the evidence" not in texts(at)
    at.segmented_control(key="teach.guess").set_value("moon").run()
    assert "Look at the evidence" in texts(at)
    added = captions(at)[len(before) :]
    assert len(added) == 2
    assert added[1].endswith("circle")


def test_photos_can_be_saved_as_a_data_set() -> None:
    at = open_page(FILE)
    start_empty(at)
    for class_index, name in enumerate(("star", "circle")):
        add_photos(at, class_index, [photo(name, n) for n in range(5)])
    at.button(key="teach.keep").click().run()
    assert "images?images.view=own" in linked_pages(at)
    (job,) = queue.jobs(kind="bring")
    assert job.settings["title"] == "Photos of Class A, Class B"


def test_its_code_is_python() -> None:
    compile(str(open_page(FILE).get("code")[0].value), "page", "exec")


def test_names_that_differ_in_case_alone_are_asked_about() -> None:
    at = open_page(FILE)
    start_empty(at)
    add_photos(at, 0, [photo("star", n) for n in range(2)])
    add_photos(at, 1, [photo("circle", n) for n in range(3)])
    rename(at, 0, "Cat")
    rename(at, 1, "cat")
    assert at.session_state["taught.names"] == ["Cat", "Class B"]
    at.button(key="teach.case.two").click().run()
    assert at.session_state["taught.names"] == ["Cat", "cat"]
    assert photo_counts(at) == [2, 3]
    at.button(key="teach.more").click().run()
    rename(at, 2, "CAT")
    at.button(key="teach.case.one").click().run()
    assert at.session_state["taught.names"] == ["Cat", "cat"]
    rename(at, 1, "CAT")
    at.button(key="teach.case.one").click().run()
    assert (at.session_state["taught.names"], photo_counts(at)) == (["Cat"], [5])
    assert not at.exception


def test_marks_in_names_stay_text_and_tell_classes_apart() -> None:
    at = open_page(FILE)
    start_empty(at)
    for index, name in enumerate(("C#", "*C*")):
        rename(at, index, name)
        add_photos(at, index, [photo(("star", "circle")[index], n) for n in range(5)])
    at.segmented_control(key="teach.try").set_value("Upload").run()
    uploader_of(at, "teach.out.files").upload(*photo("circle", 50))
    at.run()
    assert r"**It says: \*C\*, " in texts(at)
    at.button(key="teach.keep").click().run()
    (job,) = queue.jobs(kind="bring")
    assert run_job(str(home()), job.id) == "finished"
    assert set(catalog.info(job.settings["dataset"]).class_names) == {"C#", "*C*"}


def test_something_unlike_all_photos_gets_the_doubt_of_predict() -> None:
    at = open_page(FILE)
    start_empty(at)
    for index, shape in enumerate(("star", "circle")):
        add_photos(at, index, [photo(shape, n) for n in range(5)])
    at.segmented_control(key="teach.try").set_value("Upload").run()
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(file, "PNG")
    uploader_of(at, "teach.out.files").upload("noise.png", file.getvalue(), "image/png")
    at.run()
    assert "It is like none of your photos" in texts(at)
    uploader_of(at, "teach.out.files").upload(*photo("star", 1))
    at.run()
    assert "It is like none of your photos" not in texts(at)


@pytest.mark.parametrize("burst", [True, False])
def test_what_is_said_of_photos_kept_back_depends_on_whether_they_are_twins(burst: bool) -> None:
    at = open_page(FILE)
    start_empty(at)
    for index in range(2):
        files = []
        for frame in range(6):
            seed = [index] if burst else [index, frame]
            blocks = np.random.default_rng(seed).integers(0, 220, (5, 5, 3)).astype(np.uint8)
            noisy = np.kron(blocks, np.ones((12, 12, 1), np.uint8)) + np.uint8(frame)
            file = io.BytesIO()
            Image.fromarray(noisy).save(file, "PNG")
            files.append((f"{frame}.png", file.getvalue(), "image/png"))
        add_photos(at, index, files)
    assert ("near twins" in texts(at)) == burst


def test_an_answer_says_among_how_many_classes_it_shares_and_from_how_few_photos() -> None:
    at = open_page(FILE)
    head = at.session_state["teach.head"][1]
    assert mentions(at, 100, len(at.session_state["taught.names"]), f"{int((~head.held_out).sum())} photos")
