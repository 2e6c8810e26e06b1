"""Working on Teach your own as its visitors do."""

import io

from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import FileUploader

from cnn.data.builtin.tabletop_photos import draw_on_table
from tests.pages.on_screen import button_keys

FILE = "teach_your_own.py"


def photo(name: str, seed: int) -> tuple[str, bytes, str]:
    """A drawing as a file to upload: its name, its bytes and its type."""
    file = io.BytesIO()
    Image.fromarray(draw_on_table(name, 1, seed=seed, border=4)[0]).save(file, "PNG")
    return f"{name}-{seed}.png", file.getvalue(), "image/png"


def uploader_of(at: AppTest, key: str) -> FileUploader:
    """The file uploader whose key starts with ``key``; the rest of it changes with every upload."""
    return next(uploader for uploader in at.file_uploader if str(uploader.key).startswith(key))


def add_photos(at: AppTest, class_index: int, files: list[tuple[str, bytes, str]]) -> None:
    """Upload photos for a class."""
    at.segmented_control(key="teach.to").set_value(class_index).run()
    uploader = uploader_of(at, "teach.in.files")
    for file in files:
        uploader.upload(*file)
    at.run()
    assert not at.exception


def start_empty(at: AppTest) -> None:
    at.button(key="teach.empty").click().run()
    assert not at.exception


def load_example(at: AppTest, example: str) -> None:
    at.menu_button(key="teach.examples").click(example).run()
    assert not at.exception


def answer(at: AppTest, *, yes: bool) -> None:
    """Answer the question whether photos of one's own may go."""
    assert not at.exception
    at.button(key=f"teach.question.{'yes' if yes else 'no'}").click().run()
    assert not at.exception
    assert "teach.question.yes" not in button_keys(at)


def photo_counts(at: AppTest) -> list[int]:
    """The number of photos of each class."""
    return [len(group) for group in at.session_state["taught.photos"]]


def rename(at: AppTest, class_index: int, name: str) -> None:
    at.text_input(key=f"teach.name.{class_index}.{at.session_state['taught.names'][class_index]}").set_value(name).run()
    assert not at.exception
