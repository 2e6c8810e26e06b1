"""How the names of chosen files are read, before they are taken in, and questions where they leave a choice."""

from collections import Counter
from collections.abc import Sequence
from typing import BinaryIO

import streamlit as st

from cnn.data.own import importer, own_datasets
from cnn.data.own.class_names import ClassReading, Layout, natural_key, read_classes
from cnn.data.own.image_reader import ReadingChoices, notes_on
from cnn.data.own.name_encoding import TITLES
from cnn.data.own.zip_reader import Listing
from cnn.errors import DatasetError
from pages.shell.page_layout import plain_notice, prose
from pages.shell.text import literal

LAYOUTS: dict[Layout, str] = {
    "outer": "The outer folders",
    "inner": "The innermost folders",
    "names": "The files' names, without their numbers",
    "one": "Nothing: all pictures are of one class",
}
EXAMPLES_SHOWN = 5


def choose_reading(files: Sequence[tuple[str, BinaryIO]], key: str) -> ReadingChoices | None:
    """Show the classes that chosen files make, and ask where their names leave a choice.

    Args:
        files: (name, open file) of each, as for ``own_datasets.store_upload``.
        key: of the widgets; a new one for every upload.

    Returns:
        What was chosen; None while a question is open, or if the files cannot be read.
    """
    try:
        listing = own_datasets.list_upload(files)
        encoding = _choose_encoding(listing, key)
        if encoding != listing.encoding:
            listing = own_datasets.list_upload(files, encoding)
    except DatasetError as error:
        plain_notice(error, key="images.reading.problem")
        return None
    reading = read_classes(listing.paths)
    if len(reading.layouts) > 1:
        layout = _choose_layout(reading, f"{key}.{encoding}")
        reading = read_classes(listing.paths, layout)
    join_case = _ask_about_case(reading, f"{key}.{encoding}.{reading.layout}")
    _show_classes(listing, read_classes(listing.paths, reading.layout, join_case=bool(join_case)))
    return None if join_case is None else ReadingChoices(encoding, reading.layout, join_case)


def _choose_encoding(listing: Listing, key: str) -> str | None:
    if not listing.encodings:
        return None
    encoding = st.selectbox(
        "Encoding of the names",
        listing.encodings,
        format_func=TITLES.__getitem__,
        key=f"{key}.encoding",
        width=300,
        help="The zip does not say how its names are written as bytes. The first fits them best: choose another if the "
        "names below look wrong.",
    )
    return str(encoding)


def _choose_layout(reading: ClassReading, key: str) -> Layout:
    """Ask what says the class; the layout that was recognised comes first and is chosen already."""

    def title(layout: Layout) -> str:
        return "The folders" if layout == "outer" and "inner" not in reading.layouts else LAYOUTS[layout]

    captions = []
    for names in reading.layouts.values():
        shown = ", ".join(map(literal, names[:EXAMPLES_SHOWN])) + (" …" if len(names) > EXAMPLES_SHOWN else "")
        captions.append(f"one class: {shown}" if len(names) == 1 else f"{len(names)} classes: {shown}")
    return st.radio(
        "What says the class?",
        list(reading.layouts),
        format_func=title,
        captions=captions,
        key=f"{key}.layout",
        help="More than one is possible. The first is what most people mean by such folders and names.",
    )


def _ask_about_case(reading: ClassReading, key: str) -> bool | None:
    """Whether names that differ in case alone are one class; None while that is not answered."""
    if not reading.case_variants:
        return False
    groups = "; ".join(" and ".join(f"“{literal(name)}”" for name in group) for group in reading.case_variants)
    prose(f"**One class or several?** {groups} differ in upper and lower case alone.", key="images.case")
    answers = {"join": "one class", "keep": "different classes"}
    answer = st.segmented_control("They are", list(answers), format_func=answers.__getitem__, key=f"{key}.case")
    return None if answer is None else answer == "join"


def _show_classes(listing: Listing, reading: ClassReading) -> None:
    counts = Counter(name for name in reading.classes if name)
    classes = ", ".join(f"**{literal(name)}** {counts[name]:,}" for name in sorted(counts, key=natural_key))
    least = importer.CLASSES[0]
    number = f"1 class, and at least {least} are needed" if len(counts) == 1 else f"{len(counts)} classes"
    with st.container(key="images.reading"):
        prose(f"**{number}.** Files in each: {classes}." if counts else "No file says its class.")
        for note in notes_on(listing, reading):
            prose(f"→ {literal(note)}")
