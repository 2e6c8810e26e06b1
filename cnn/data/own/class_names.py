"""From the paths of a visitor's files to the class of each: which folder says it, and how the class is called.

A class is called what its folder is called. Nothing merges or vanishes in silence: what is read otherwise is said in a
sentence, and names that may mean the same are a question.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cnn.typed_text import make_visible

Layout = Literal["outer", "inner", "names", "one"]
"""What says the class: the outermost folder in which the files differ, the innermost folder, or the file's name; or
that all files are of one class.
"""

MAX_NAME = 40
IMAGE_SUFFIXES = (
    *(".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif"),
)

_SPLITS = re.compile(r"(train|test|val|valid)(ing|idation|ation)?[\W_]*(set|data|images)?\d*", re.IGNORECASE)
_NUMBER = re.compile(r"[\s._()-]*\d*[\s._()-]*$")

FilePath = tuple[str, ...]
"""The names of the folders a file lies in, and its own."""


@dataclass(frozen=True)
class ClassReading:
    """The class of each file, as read from its path.

    Attributes:
        classes: one for each file, as it is shown; "" for a file that lies in no folder while others do.
        layout: what the classes were read from.
        layouts: the classes that each possible layout makes, by layout, the guessed one first. More than one are a
            question: where something was recognised, taking the folders as they stand is among them.
        notes: sentences about what was recognised, and what was taken as one.
        case_variants: groups of classes whose names differ in upper and lower case alone, and that are not joined.
    """

    classes: tuple[str, ...]
    layout: Layout
    layouts: dict[Layout, tuple[str, ...]]
    notes: tuple[str, ...]
    case_variants: tuple[tuple[str, ...], ...]


def read_classes(paths: Sequence[FilePath], layout: Layout | None = None, *, join_case: bool = False) -> ClassReading:
    """Read each file's class from its path.

    Args:
        paths: for each file, the names of its folders and its own name.
        layout: what says the class; None to guess.
        join_case: whether names that differ in upper and lower case alone are one class, with the more frequent name.
    """
    images = [path for path in paths if path[-1].lower().endswith(IMAGE_SUFFIXES)] or list(paths)
    wrapper = _common_folders(images)
    readings: dict[Layout, list[str]] = {
        "outer": [path[len(wrapper)] if _is_below(path, wrapper) else "" for path in paths],
        "inner": [path[-2] if _is_below(path, wrapper) else "" for path in paths],
        "names": [_NUMBER.sub("", Path(path[-1]).stem) for path in paths],
        "one": [wrapper[0] if wrapper else "images" for _ in paths],
    }
    guessed = _guess_layout(images, wrapper, Counter(readings["names"]))
    chosen = layout or guessed
    notes = _layout_notes(chosen, images, wrapper)
    classes, more = _name_classes(readings[chosen], anonymous=chosen == "names")
    variants = _case_variants(classes)
    if join_case:
        most_frequent = {name: group[0] for group in variants for name in group}
        classes, variants = [most_frequent.get(name, name) for name in classes], []
    # Folders around all classes, and names that say the classes, were recognised; the files may mean nothing by them.
    one_is_possible = bool(wrapper) if guessed != "names" else all(len(path) == 1 for path in images)
    layouts = _possible_layouts(readings, guessed, len(images), one_is_possible=one_is_possible)
    return ClassReading(tuple(classes), chosen, layouts, (*notes, *more), tuple(map(tuple, variants)))


def clean_name(name: str) -> str:
    """A folder's name as the name of a class: see ``make_visible``, and of at most ``MAX_NAME`` characters."""
    kept = make_visible(name)
    return (kept if len(kept) <= MAX_NAME else f"{kept[:26]}…{kept[-13:]}") or "unnamed"


def natural_key(name: str) -> tuple[list[str | int], str]:
    """A key that sorts names with their numbers as numbers: 2 before 10, and *cat 2* before *cat 10*."""
    parts = re.split(r"(\d+)", name.casefold())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], name


def _common_folders(paths: Sequence[FilePath]) -> FilePath:
    """The folders around all the classes; not the last folder if every file lies directly in it."""
    folders = {path[:-1] for path in paths if len(path) > 1}
    if not folders:
        return ()
    first, last = min(folders), max(folders)
    common = 0
    while common < min(len(first), len(last)) and first[common] == last[common]:
        common += 1
    return first[: common - 1] if folders == {first} else first[:common]


def _is_below(path: FilePath, wrapper: FilePath) -> bool:
    return len(path) - 1 > len(wrapper) and path[: len(wrapper)] == wrapper


def _guess_layout(images: Sequence[FilePath], wrapper: FilePath, named: Counter[str]) -> Layout:
    folders = {path[len(wrapper) : -1] for path in images if _is_below(path, wrapper)}
    outer = {path[0] for path in folders}
    are_splits = all(_SPLITS.fullmatch(name) for name in outer)
    if not folders:
        return "names"
    if len(outer) == 1 or (are_splits and all(len(path) == 1 for path in folders)):
        labels = [name for name in named if name]
        return "names" if len(labels) > 1 and 2 * len(labels) <= len(images) else "outer"
    # A folder with images of its own is a class, with all that is in it.
    with_images = {path[0] for path in folders if len(path) == 1}
    if with_images == outer or any(len(path) > 1 and path[0] in with_images for path in folders):
        return "outer"
    inner = Counter(path[-1] for path in {(*path[:1], path[-1]) for path in folders})
    return "inner" if are_splits or max(inner.values()) == 1 else "outer"


def _possible_layouts(
    readings: dict[Layout, list[str]], guessed: Layout, images: int, *, one_is_possible: bool
) -> dict[Layout, tuple[str, ...]]:
    """The classes of the guessed layout, and of each other that makes different ones: see ``ClassReading.layouts``."""
    classes = {
        key: tuple(sorted({clean_name(name) for name in reading if name}, key=natural_key))
        for key, reading in readings.items()
    }
    layouts = {guessed: classes[guessed]}
    for key, names in classes.items():
        is_possible = {
            "names": len(names) > 1 and 2 * len(names) <= images,
            "one": one_is_possible and len(classes[guessed]) > 1,
        }.get(key, len(names) > 1 or (len(names) == 1 and len(classes[guessed]) > 1))
        if is_possible and readings[key] not in [readings[other] for other in layouts]:
            layouts[key] = names
    return layouts


def _layout_notes(layout: Layout, images: Sequence[FilePath], wrapper: FilePath) -> list[str]:
    """Sentences about what was recognised."""
    if layout == "names":
        example = images[0][-1] if images else ""
        label = clean_name(_NUMBER.sub("", Path(example).stem))
        return [f"No folders say the classes, so the files' names do: “{example}” is of class “{label}”."]
    if layout == "one":
        return ["All are taken as one class, whatever their folders and names are."]
    notes = [f"The folder “{'/'.join(wrapper)}” lies around all classes."] if wrapper else []
    deeper = {path[len(wrapper) + 1 : -1] for path in images if _is_below(path, wrapper)} - {()}
    if deeper and layout == "outer":
        names = sorted({"/".join(path) for path in deeper})
        shown = f"a folder “{names[0]}”" if len(names) == 1 else f"folders such as “{names[0]}”"
        notes.append(f"Between the classes and their images lies {shown}; the outer folders are the classes.")
    elif deeper:
        outer = sorted({path[len(wrapper)] for path in images if _is_below(path, wrapper)})
        notes.append(
            f"The innermost folders are the classes; “{outer[0]}”{' and others' if outer[1:] else ''} lie around them."
        )
    return notes


def _name_classes(raw: Sequence[str], *, anonymous: bool) -> tuple[list[str], list[str]]:
    """Names to show: those that are one in Unicode's eyes are one, and those that only look alike are told apart.

    Args:
        raw: the class of each file as it is written, or "".
        anonymous: whether a file without a name for its class is of the class "unnamed".
    """
    notes: list[str] = []
    written: dict[str, set[str]] = {}
    for name in raw:
        if name or anonymous:
            written.setdefault(unicodedata.normalize("NFC", name), set()).add(name)
    shown: dict[str, str] = {}
    for composed in sorted(written):
        clean, number = clean_name(composed), 1
        while clean in shown.values():
            number += 1
            suffix = f" ({number})"
            clean = f"{clean_name(composed)[: MAX_NAME - len(suffix)].rstrip()}{suffix}"
        shown[composed] = clean
        if number > 1:
            notes.append(f"Two folders look as if both were called “{clean_name(composed)}”; one is “{clean}” here.")
        if len(written[composed]) > 1:
            notes.append(
                f"“{clean}” is written in {len(written[composed])} ways, with composed and with decomposed accents, "
                "which look the same; it is one class."
            )
    return [shown.get(unicodedata.normalize("NFC", name), "") for name in raw], notes


def _case_variants(classes: Sequence[str]) -> list[list[str]]:
    """Groups of names that differ in case alone, in each the most frequent first."""
    groups: dict[str, Counter[str]] = {}
    for name in classes:
        if name:
            groups.setdefault(name.casefold(), Counter())[name] += 1
    return [sorted(group, key=lambda name: (-group[name], name)) for group in groups.values() if len(group) > 1]
