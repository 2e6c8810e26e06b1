"""Every change to classes and photos, and how those that destroy something are undone."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from cnn.model.pretrained_bases import Base
from cnn.typed_text import make_visible
from pages.lessons.teach_your_own import session
from pages.lessons.teach_your_own.session import (
    CASE,
    EMPTY,
    MAX_CLASSES,
    MAX_PHOTOS,
    MAX_PHOTOS_TOTAL,
    Photo,
    Project,
    names,
    photos,
)
from pages.shell.text import literal

UNDO = "teach.undone"
MAX_UNDO = 5


class Undo(NamedTuple):
    """How to take back a change.

    Attributes:
        before: what was there.
        sentence: what has happened.
        place: index of the class before which it happened; None if it happened to all.
    """

    before: Project
    sentence: str
    place: int | None


class CaseQuestion(NamedTuple):
    """Class ``class_index`` is to be called ``name``, which differs from the name of ``other_index`` in case alone."""

    class_index: int
    name: str
    other_index: int


def latest_undo() -> Undo | None:
    """How to take back the latest change; None if nothing was destroyed, or something has been added since."""
    return next(reversed(st.session_state.get(UNDO, [])), None)


def undo() -> None:
    """Take the latest change back."""
    if st.session_state.get(UNDO):
        session.replace_project(st.session_state[UNDO].pop().before)


def replace_all(new: Project, sentence: str) -> None:
    """Put other classes and photos in place of these.

    Args:
        sentence: says what has happened.
    """
    _make_undoable(sentence)
    session.replace_project(new)


def load_example(base: Base, example: str) -> None:
    """Put the classes of one of ``session.EXAMPLES`` in place of these."""
    replace_all(session.drawn_example(base, example), "The example has taken the place of your classes.")


def start_empty() -> None:
    """Start over with two empty classes."""
    replace_all(Project(EMPTY, ((), ()), None), "Your classes were replaced by two empty ones.")


def delete_photos() -> None:
    """Delete all photos; the classes stay."""
    sentence = f"Deleted: {count_photos(sum(map(len, photos())))}."
    replace_all(Project(tuple(names()), tuple(() for _ in names()), None), sentence)


def remove_class(class_index: int) -> None:
    """Remove a class with its photos."""
    _make_undoable(f"Removed: {describe_class(class_index)}.", class_index)
    _drop_class(class_index)


def remove_photos(removed: list[Photo]) -> None:
    """Remove these very photos, wherever they stand by now."""
    _make_undoable(f"Taken out: {count_photos(len(removed))}.", len(names()))
    ids = {id(photo) for photo in removed}
    st.session_state[session.PHOTOS] = [[photo for photo in group if id(photo) not in ids] for group in photos()]


def add(base: Base, class_index: int, files: Sequence[tuple[str, np.ndarray]]) -> list[str]:
    """Add photos to a class, as many as there is room for.

    Args:
        files: (name, uint8 (h, w, 1 or 3)) pairs.

    Returns:
        A sentence if some were not added, else none.
    """
    room = max(0, min(MAX_PHOTOS - len(photos()[class_index]), MAX_PHOTOS_TOTAL - sum(map(len, photos()))))
    added = session.prepare_photos(base, files[:room])
    if added:
        _end_undo()
        photos()[class_index].extend(added)
    if len(files) <= room:
        return []
    return [
        f"These are {len(files)} photos; a class can have {MAX_PHOTOS}, all together {MAX_PHOTOS_TOTAL}. The first "
        f"{room} were taken: a few dozen different ones teach as much."
    ]


def add_class() -> None:
    """Add an empty class, unless there are ``MAX_CLASSES``."""
    if len(names()) < MAX_CLASSES:
        _end_undo()
        letter = next(letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if f"Class {letter}" not in names())
        names().append(f"Class {letter}")
        photos().append([])


def rename(class_index: int, name: str) -> str | None:
    """Rename a class; returns a sentence if the name is empty or taken.

    A name that differs from another in case alone is not given yet: ``CASE`` in the session holds the question.
    """
    name = make_visible(name)[:40].rstrip()
    if not name:
        return "A class needs a name of at least one letter. It keeps the one it had."
    others = {index: other for index, other in enumerate(names()) if index != class_index}
    if name in others.values():
        return f"There is a class “{name}” already. Give this one another name."
    variants = [index for index, other in others.items() if other.casefold() == name.casefold()]
    if variants:
        st.session_state[CASE] = CaseQuestion(class_index, name, variants[0])
    else:
        _end_undo()
        names()[class_index] = name
    return None


def answer_case(question: CaseQuestion, *, one_class: bool) -> None:
    """Carry out what the visitor said about names that differ in case alone."""
    st.session_state.pop(CASE, None)
    if one_class:
        _make_undoable(f"“{literal(names()[question.other_index])}” has the photos of both now.", question.class_index)
        photos()[question.other_index].extend(photos()[question.class_index])
        _drop_class(question.class_index)
    else:
        _end_undo()
        names()[question.class_index] = question.name


def describe_class(class_index: int) -> str:
    """A class's name in quotation marks and the number of its photos, as Markdown."""
    name, count = f"“{literal(names()[class_index])}”", len(photos()[class_index])
    return f"{name} with {count_photos(count)}" if count else name


def count_photos(count: int) -> str:
    """A number of photos, in words."""
    return "1 photo" if count == 1 else f"{count} photos"


def _drop_class(class_index: int) -> None:
    st.session_state.pop(CASE, None)
    del names()[class_index], photos()[class_index]


def _make_undoable(sentence: str, place: int | None = None) -> None:
    kept = st.session_state.get(UNDO, [])
    st.session_state[UNDO] = [*kept, Undo(session.project(), sentence, place)][-MAX_UNDO:]


def _end_undo() -> None:
    """Going back further would lose what is new; and deleted photos are to be gone some day."""
    st.session_state.pop(UNDO, None)
