"""A project is saved as a zip and opened again; what is no project gets a sentence and changes nothing."""

import io

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnn.data.own.project_file import write_project
from pages.lessons.teach_your_own.project_file import LIMITS, REFUSALS_SHOWN
from tests.data.own.uploads import make_zip
from tests.pages.lessons.teach_your_own.teaching import (
    FILE,
    add_photos,
    photo,
    photo_counts,
    rename,
    start_empty,
)
from tests.pages.on_screen import button_keys, mentions
from tests.pages.opening import open_page, texts


def drawings(count: int) -> list[np.ndarray]:
    return [np.asarray(Image.open(io.BytesIO(photo("star", n)[1]))) for n in range(count)]


def choose(at: AppTest, file: bytes) -> None:
    at.button(key="teach.open").click().run()
    at.file_uploader(key="teach.file").upload("project.zip", file, "application/zip").run()
    assert not at.exception


def test_a_project_is_opened_at_once_where_no_own_photos_are() -> None:
    at = open_page(FILE)
    choose(at, write_project(["zebra", "*ant*", "none"], [drawings(2), drawings(3), []]))
    assert at.session_state["taught.names"] == ["zebra", "*ant*", "none"]
    assert photo_counts(at) == [2, 3, 0]
    for group in at.session_state["taught.photos"]:
        for kept, drawn in zip(group, drawings(3), strict=False):
            np.testing.assert_array_equal(kept.picture, drawn)
    assert "teach.file" not in {uploader.key for uploader in at.file_uploader}
    at.button(key="teach.undo").click().run()
    assert photo_counts(at) == [8, 8]


def test_it_asks_before_it_replaces_photos_of_ones_own() -> None:
    at = open_page(FILE)
    start_empty(at)
    rename(at, 0, "mine")
    add_photos(at, 0, [photo("circle", 1)])
    file = write_project(["zebra", "ant"], [drawings(2), drawings(3)])
    choose(at, file)
    assert mentions(at, "5 photos", "2 classes", "1 photo")
    at.button(key="teach.file.no").click().run()
    assert photo_counts(at) == [1, 0]
    assert "teach.file.yes" not in button_keys(at)
    choose(at, file)
    at.button(key="teach.file.yes").click().run()
    assert photo_counts(at) == [2, 3]
    at.button(key="teach.undo").click().run()
    assert (at.session_state["taught.names"], photo_counts(at)) == (["mine", "Class B"], [1, 0])


def test_what_is_no_project_gets_a_sentence_and_changes_nothing() -> None:
    at = open_page(FILE)
    for file, expected in ((b"no zip", "not a whole zip"), (make_zip({"a/1.txt": b"a"}).getvalue(), "1.txt")):
        choose(at, file)
        assert expected in texts(at)
        assert photo_counts(at) == [8, 8]
        assert "teach.file.yes" not in button_keys(at)


def test_files_that_are_no_pictures_are_named_and_too_many_are_counted() -> None:
    at = open_page(FILE)
    png = photo("star", 1)[1]
    files = {f"a/{n}.png": png for n in range(LIMITS.photos_of_class + 4)}
    files |= {f"b/{n}.png": b"no picture" for n in range(REFUSALS_SHOWN + 2)} | {"b/good.png": png}
    choose(at, make_zip(files).getvalue())
    assert photo_counts(at) == [LIMITS.photos_of_class, 1]
    assert mentions(at, LIMITS.photos_of_class + 5, "photos", LIMITS.photos_of_class, LIMITS.photos)
    assert mentions(at, "0.png")
    assert mentions(at, 2, "more files")


def test_saving_is_offered_where_there_are_photos() -> None:
    at = open_page(FILE)
    assert not at.download_button(key="teach.save").disabled
    start_empty(at)
    assert at.download_button(key="teach.save").disabled
