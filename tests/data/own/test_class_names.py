"""The class of each file, from paths as people's zips have them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.data import catalog
from cnn.data.own.class_names import MAX_NAME, clean_name, natural_key, read_classes
from tests.data.own.uploads import encode_random_image, import_zip

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


def paths(*names: str) -> list[tuple[str, ...]]:
    return [tuple(name.split("/")) for name in names]


LAYOUTS = {
    "a folder for each class": (["cat/1.jpg", "dog/1.jpg"], "outer", ["cat", "dog"]),
    "a folder around all": (["photos/cats/1.jpg", "photos/dogs/1.jpg"], "outer", ["cats", "dogs"]),
    "two folders around all": (["a/b/cats/1.jpg", "a/b/dogs/1.jpg"], "outer", ["cats", "dogs"]),
    "an inner folder": (["cats/img/1.png", "dogs/img/1.png"], "outer", ["cats", "dogs"]),
    "an inner folder, wrapped": (["set/cats/img/1.png", "set/dogs/img/1.png"], "outer", ["cats", "dogs"]),
    "an inner folder of one class": (
        ["cats/1.png", "cats/more/2.png", "dogs/1.png"],
        "outer",
        ["cats", "cats", "dogs"],
    ),
    "training and test": (
        ["train/cat/1.jpg", "train/dog/1.jpg", "test/cat/2.jpg", "test/dog/2.jpg"],
        "inner",
        ["cat", "dog", "cat", "dog"],
    ),
    "kinds in groups": (
        ["animals/cat/1.jpg", "animals/dog/1.jpg", "plants/rose/1.jpg"],
        "inner",
        ["cat", "dog", "rose"],
    ),
    "Kaggle's": (["cat.001.jpg", "cat.002.jpg", "dog.001.jpg", "dog.002.jpg"], "names", ["cat", "cat", "dog", "dog"]),
    "Kaggle's, in a folder": (
        ["train/cat.0.jpg", "train/cat.1.jpg", "train/dog.0.jpg", "train/dog.1.jpg"],
        "names",
        ["cat", "cat", "dog", "dog"],
    ),
    "loose files": (["cats/1.jpg", "loose.jpg"], "outer", ["cats", ""]),
    "loose files in the folder around all": (["x/cup/1.jpg", "x/mug/1.jpg", "x/read.txt"], "outer", ["cup", "mug", ""]),
    "one class": (["cup/1.jpg", "cup/2.jpg"], "outer", ["cup", "cup"]),
    "numbers and marks in names": (
        ["red cup_12.jpg", "red cup.jpg", "IMG 3 (2).png", "IMG 3.png"],
        "names",
        ["red cup", "red cup", "IMG 3", "IMG"],
    ),
    "names of numbers": (["123.jpg"], "names", ["unnamed"]),
}


@pytest.mark.parametrize("case", LAYOUTS)
def test_what_says_the_class_is_recognised(case):
    names, layout, classes = LAYOUTS[case]
    reading = read_classes(paths(*names))
    assert (reading.layout, list(reading.classes)) == (layout, classes)
    assert layout in reading.layouts


def test_what_was_recognised_is_said_and_another_layout_can_be_chosen():
    reading = read_classes(paths("set/cats/img/1.png", "set/dogs/img/1.png", "set/dogs/raw/1.png"))
    assert ["“set”" in note for note in reading.notes] == [True, False]
    assert "folders such as “img”" in reading.notes[1]
    assert reading.layouts == {"outer": ("cats", "dogs"), "inner": ("img", "raw"), "one": ("set",)}
    other = read_classes(paths("set/cats/img/1.png", "set/dogs/img/1.png", "set/dogs/raw/1.png"), "inner")
    assert other.classes == ("img", "img", "raw")
    (note,) = read_classes(paths("train/cat.1.jpg", "train/cat.2.jpg", "train/dog.1.jpg", "train/dog.2.jpg")).notes
    assert "“cat.1.jpg” is of class “cat”" in note


QUESTIONS = {
    "an inner folder": (["cats/img/1.png", "dogs/img/1.png"], {"outer": ("cats", "dogs"), "inner": ("img",)}),
    "a folder around all": (["set/cats/1.png", "set/dogs/1.png"], {"outer": ("cats", "dogs"), "one": ("set",)}),
    "both": (
        ["set/cats/img/1.png", "set/dogs/img/1.png"],
        {"outer": ("cats", "dogs"), "inner": ("img",), "one": ("set",)},
    ),
    "names alone": (
        ["cat.1.jpg", "cat.2.jpg", "dog.1.jpg", "dog.2.jpg"],
        {"names": ("cat", "dog"), "one": ("images",)},
    ),
    "names in a folder": (
        ["train/cat.1.jpg", "train/cat.2.jpg", "train/dog.1.jpg", "train/dog.2.jpg"],
        {"names": ("cat", "dog"), "outer": ("train",)},
    ),
    "training and test": (
        ["train/cat/1.jpg", "train/dog/1.jpg", "test/cat/2.jpg"],
        {"inner": ("cat", "dog"), "outer": ("test", "train")},
    ),
    "nothing unusual": (["cat/1.jpg", "dog/1.jpg"], {"outer": ("cat", "dog")}),
    "one class": (["cup/1.jpg", "cup/2.jpg"], {"outer": ("cup",)}),
    "one class in a folder": (["set/cup/1.jpg", "set/cup/2.jpg"], {"outer": ("cup",)}),
}


@pytest.mark.parametrize("case", QUESTIONS)
def test_what_was_recognised_is_a_question_with_the_folders_as_they_stand_among_its_answers(case):
    names, layouts = QUESTIONS[case]
    reading = read_classes(paths(*names))
    assert (reading.layouts, next(iter(reading.layouts))) == (layouts, reading.layout)
    for layout, classes in layouts.items():
        chosen = read_classes(paths(*names), layout)
        assert (set(chosen.classes), chosen.layout) == (set(classes), layout)
        assert chosen.layouts == layouts


def test_marks_and_emoji_in_names_tell_classes_apart(tmp_path):
    names = ["C#", "C-", "cat?", "cat!", "R&D", "<i>x", "a*b*c", "$5$", "🐱", "🐶", "👨‍👩‍👧", ":smile:", "[x](y)"]
    files = {
        f"{name}/{number}.png": encode_random_image(50 * k + number)
        for k, name in enumerate(names)
        for number in range(5)
    }
    name, refused = import_zip(tmp_path, files)
    assert (set(catalog.info(name).class_names), refused) == (set(names), [])


def test_composed_and_decomposed_accents_are_one_class_and_that_is_said():
    reading = read_classes(paths(f"{COMPOSED}/1.png", f"{DECOMPOSED}/2.png", "thé/1.png"))
    assert reading.classes == (COMPOSED, COMPOSED, "thé")
    assert any(f"“{COMPOSED}” is written in 2 ways" in note for note in reading.notes)


def test_names_that_differ_in_case_alone_are_asked_about():
    found = paths("Cat/1.png", "cat/1.png", "cat/2.png", "dog/1.png")
    reading = read_classes(found)
    assert (reading.classes, reading.case_variants) == (("Cat", "cat", "cat", "dog"), (("cat", "Cat"),))
    joined = read_classes(found, join_case=True)
    assert (joined.classes, joined.case_variants) == (("cat", "cat", "cat", "dog"), ())


@given(st.lists(st.text(min_size=1, max_size=60).filter(lambda name: "." not in name), min_size=2, max_size=8))
def test_folders_become_one_class_only_if_their_names_are_one_to_unicode(names):
    reading = read_classes([(name, "1.jpg") for name in ["first", "second", *names]])
    classes = dict(zip(["first", "second", *names], reading.classes, strict=True))
    assert [clean_name(name) for name in reading.classes] == list(reading.classes)
    for one in classes:
        for other in classes:
            same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
            assert (classes[one] == classes[other]) == same


def test_long_names_that_are_shortened_to_the_same_are_told_apart():
    reading = read_classes([("a" * 30 + middle + "b" * 30, "1.png") for middle in "xyz"])
    assert len(set(reading.classes)) == 3
    assert max(map(len, reading.classes)) <= MAX_NAME


def test_names_that_look_alike_are_numbered_and_that_is_said():
    reading = read_classes(paths("a\u202eb/1.png", "a\u2066b/1.png", "c/1.png"))
    assert reading.classes == ("a\ufffdb", "a\ufffdb (2)", "c")
    assert any("look as if both were called" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("C#", "C#"),
        (" two  words ", "two words"),
        ("tab\there", "tab here"),
        ("a" * 90, "a" * 26 + "…" + "a" * 13),
    ],
)
def test_a_clean_name_can_be_shown(name, clean):
    assert clean_name(name) == clean
    assert len(clean) <= MAX_NAME


def test_numbers_sort_as_numbers(tmp_path):
    assert sorted(["cat 10", "Cat 2", "10", "2", "1", "x"], key=natural_key) == ["1", "2", "10", "Cat 2", "cat 10", "x"]
    files = {f"{k}/{n}.png": encode_random_image(10 * k + n) for k in range(1, 13) for n in range(5)}
    name, _ = import_zip(tmp_path, files)
    assert catalog.info(name).class_names == tuple(map(str, range(1, 13)))
