"""The Teach your own page, opened cold: an example that is taught, photos that come in, and what is refused."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnn.data.builtin.tabletop_photos import draw_on_table
from cnn.jobs import queue
from tests.pages.opening import open_page, texts

FILE = "teach_your_own.py"


@pytest.fixture(autouse=True)
def without_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The built-in base, which every machine has."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


def photo(name: str, number: int) -> tuple[str, bytes, str]:
    file = io.BytesIO()
    Image.fromarray(draw_on_table(name, 1, seed=number, border=4)[0]).save(file, "PNG")
    return f"{name}-{number}.png", file.getvalue(), "image/png"


def give(at, number: int, files: list[tuple[str, bytes, str]]) -> None:
    """Upload photos for a class."""
    at.segmented_control(key="teach.to").set_value(number).run()
    uploader = next(each for each in at.get("file_uploader") if each.key.startswith("teach.in.files"))
    for file in files:
        uploader.upload(*file)
    at.run()
    assert not at.exception


def empty(at) -> None:
    at.button(key="teach.empty").click().run()
    assert not at.exception


def groups(at) -> list[int]:
    return [len(group) for group in at.session_state["teach.photos"]]


def test_it_opens_on_an_example_that_is_taught() -> None:
    at = open_page(FILE)
    said = texts(at)
    assert "It says: " in said
    assert "photos that it had never seen are right" in said
    assert "From so few, anything between" in said
    assert "the built-in base** looks at your photos" in said
    assert "nobody else sees them, and they are gone when you leave" in said
    assert groups(at) == [8, 8]
    assert queue.jobs() == []


def test_photos_of_two_classes_are_learned_at_once() -> None:
    at = open_page(FILE)
    empty(at)
    assert "There are no photos yet" in texts(at)
    give(at, 0, [photo("star", n) for n in range(5)])
    assert "There are photos of one class only, “Class A”" in texts(at)
    give(at, 1, [photo("circle", n) for n in range(5)])
    assert groups(at) == [5, 5]
    assert "With six photos or more in every class" in texts(at)
    at.segmented_control(key="teach.try").set_value("Upload").run()
    tried = next(each for each in at.get("file_uploader") if each.key.startswith("teach.out.files"))
    tried.upload(*photo("circle", 50))
    at.run()
    assert "It says: Class B" in texts(at)
    tried = next(each for each in at.get("file_uploader") if each.key.startswith("teach.out.files"))
    tried.upload(*photo("star", 50))
    at.run()
    assert "It says: Class A" in texts(at)


def test_an_empty_class_a_corrupt_photo_and_the_same_one_twice_are_said_and_nothing_is_lost() -> None:
    at = open_page(FILE)
    empty(at)
    at.button(key="teach.more").click().run()
    give(at, 0, [photo("star", n) for n in range(3)])
    give(at, 1, [photo("circle", 1), ("broken.jpg", b"no photo at all", "image/jpeg"), photo("circle", 2)])
    said = texts(at)
    assert "broken.jpg" in said
    assert groups(at) == [3, 2, 0]
    assert "The class “Class C” has no photos yet. Give it some, or take the class away." in said
    at.button(key="teach.remove.2").click().run()
    give(at, 1, [photo("star", 1)])
    assert "The same photo is in “Class A” and in “Class B”; it can be only one of them." in texts(at)
    assert groups(at) == [3, 3]


def test_five_hundred_photos_at_once_are_cut_to_a_hundred_with_a_sentence() -> None:
    at = open_page(FILE)
    empty(at)
    small = []
    for number in range(500):
        file = io.BytesIO()
        Image.fromarray(np.full((8, 8, 3), number % 256, np.uint8)).save(file, "PNG")
        small.append((f"{number}.png", file.getvalue(), "image/png"))
    give(at, 0, small)
    assert groups(at) == [100, 0]
    assert "These were 500 photos; a class can have 100, so only the first 100 were looked at" in texts(at)


def test_classes_are_named_added_and_taken_away() -> None:
    at = open_page(FILE)
    empty(at)
    at.text_input(key="teach.name.0.Class A").set_value("  my   mug ").run()
    assert at.session_state["teach.names"] == ["my mug", "Class B"]
    at.text_input(key="teach.name.1.Class B").set_value("my mug").run()
    assert "There is a class “my mug” already" in texts(at)
    for _ in range(8):
        at.button(key="teach.more").click().run()
    assert len(at.session_state["teach.names"]) == 10
    assert at.button(key="teach.more").disabled
    at.button(key="teach.remove.0").click().run()
    assert at.session_state["teach.names"][0] == "Class B"


def test_doubtful_photos_are_taken_out_and_everything_deleted_with_a_click() -> None:
    at = open_page(FILE)
    empty(at)
    give(at, 0, [photo("star", n) for n in range(6)])
    give(at, 1, [*[photo("circle", n) for n in range(6)], photo("star", 20)])
    before = sum(groups(at))
    at.button(key="teach.doubted").click().run()
    assert sum(groups(at)) < before
    at.button(key="teach.delete").click().run()
    assert groups(at) == [0, 0]


def test_it_is_broken_on_purpose_and_asks_first() -> None:
    at = open_page(FILE)
    at.button(key="teach.break").click().run()
    said = texts(at)
    assert "All moons lay on light tables, all circles on dark ones" in said
    assert "Look at the evidence" not in said
    at.segmented_control(key="teach.guess").set_value("moon").run()
    said = texts(at)
    assert "Look at the evidence" in said
    assert "It says: circle" in said.split("Break it on purpose")[-1]


def test_own_photos_can_be_kept_as_a_data_set() -> None:
    at = open_page(FILE)
    empty(at)
    for number, name in enumerate(("star", "circle")):
        give(at, number, [photo(name, n) for n in range(5)])
    at.button(key="teach.keep").click().run()
    assert "They are being laid out" in texts(at)
    (job,) = queue.jobs(kind="bring")
    assert job.settings["title"] == "Class A, Class B"


def test_its_code_is_python() -> None:
    compile(str(open_page(FILE).get("code")[0].value), "page", "exec")
