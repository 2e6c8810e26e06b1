"""Importing a visitor's own images on the Images page."""

import io
import json
import re
import zipfile

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Radio

from cnn.data import catalog
from cnn.data.own import own_datasets
from cnn.data.own.class_names import Layout
from cnn.errors import DatasetError
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from pages.lessons.images.dataset_cache import image_thumbnail
from tests.data.own.test_name_encoding import undeclared_zip
from tests.pages.opening import notices, open_page, texts


def picture(seed: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (20, 30, 3), dtype=np.uint8)).save(file, "PNG")
    return file.getvalue()


def zipped_images(**more: bytes) -> bytes:
    """A zip of 14 pictures in two classes, and ``more`` files in one of them: name without suffix -> content."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(14):
            archive.writestr(f"things/{'cup' if number % 2 else 'bowl'}/{number}.png", picture(number))
        for name, data in more.items():
            archive.writestr(f"things/cup/{name}.png", data)
    return file.getvalue()


def gallery_numbers(at: AppTest) -> list[list[str]]:
    """The numbers in each caption; that of the gallery holds first, last and count of the images shown."""
    return [re.findall(r"\d+", caption.value) for caption in at.caption]


def upload(at: AppTest, data: bytes, name: str = "things.zip", title: str = "My things") -> AppTest:
    at.file_uploader(key="images.own.files.0").upload(name, data, "application/zip").run()
    at.text_input(key="images.title").set_value(title).run()
    return at.button(key="images.bring").click().run()


def test_a_zip_becomes_a_dataset_that_every_page_offers_and_its_owner_can_delete() -> None:
    at = open_page("images.py", **{"images.view": "own"})
    assert at.button(key="images.bring").disabled
    upload(at, zipped_images(broken=b"not a picture"))
    (job,) = queue.jobs(kind="bring")
    progress = at.get("progress")[0].proto
    assert progress.text.startswith(job.name)
    assert (progress.value, re.search(r"\d", progress.text)) == (0, None)  # nothing is ahead of it in the queue
    assert run_job(str(home()), job.id) == "finished"
    at.run()
    name = job.settings["dataset"]
    assert at.session_state["shell.dataset"] == name
    # Once in the outcome of the import, once in the list of the visitor's data sets.
    assert len(re.findall(r"\*\*My things\*\*\D+\b14\b\D+\b2\b", texts(at))) == 2
    ((_, sentence),) = json.loads((job.folder / "refused.json").read_text())
    assert "“broken.png”" in sentence
    assert f"- {sentence}" in texts(at)
    assert any(markdown.value.startswith("**1 ") for markdown in at.markdown)
    at.button(key=f"images.use.{name}").click().run()
    assert ["1", "10", "10"] in gallery_numbers(at)
    for page in ("augmentation.py", "architecture.py", "training.py", "convolution.py"):
        at.switch_page(page).run()
        assert not at.exception
        assert at.selectbox(key="shell.dataset").value == name
    at.switch_page("images.py").run()
    at.segmented_control(key="images.view").set_value("own").run()
    image_thumbnail(name, "train", 0, 96)  # as the gallery has shown it
    at.checkbox(key=f"images.sure.{name}").check().run()
    at.button(key=f"images.delete.{name}").click().run()
    assert not at.exception
    with pytest.raises(DatasetError):  # no small copy of it is kept
        image_thumbnail(name, "train", 0, 96)
    assert at.session_state["shell.dataset"] == "digits"
    assert not catalog.is_prepared(name)


def test_a_network_trained_on_own_images_outlives_them() -> None:
    at = open_page("images.py", **{"images.view": "own"})
    upload(at, zipped_images())
    (job,) = queue.jobs(kind="bring")
    run_job(str(home()), job.id)
    at.run()
    at.switch_page("training.py").run()
    at.slider(key="training.set.epochs").set_value(1).run()
    at.button(key="training.start").click().run()
    (run,) = queue.jobs(kind="train")
    assert run_job(str(home()), run.id) == "finished"
    own_datasets.delete_images(job.settings["dataset"], at.session_state["shell.workspace"])
    at = open_page("models.py", model=run.id)
    assert "My things" in texts(at)
    at.switch_page("images.py").run()
    assert any("“My things”" in sentence for sentence in notices(at))
    for page in ("predict.py", "augmentation.py", "convolution.py", "training.py", "architecture.py"):
        at.switch_page(page).run()
        assert not at.exception, page


def test_the_reason_a_dataset_cannot_be_made_is_shown() -> None:
    at = upload(open_page("images.py", **{"images.view": "own"}), picture(1), "cup1.png")
    (job,) = queue.jobs(kind="bring")
    assert run_job(str(home()), job.id) == "failed"
    at.run()
    sentence = queue.read(job.id).reason
    assert sentence is not None
    assert "“cup”" in sentence
    assert sentence in notices(at)
    assert at.session_state["shell.dataset"] == "digits"


def choose_files(*files: tuple[str, bytes]) -> AppTest:
    at = open_page("images.py", **{"images.view": "own"})
    uploader = at.file_uploader(key="images.own.files.0")
    for name, data in files:
        uploader.upload(name, data, "application/octet-stream")
    return at.run()


def zip_of(*folders: str) -> bytes:
    """A zip with six pictures in each folder."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for index, folder in enumerate(folders):
            for number in range(6):
                archive.writestr(f"{folder}/{number}.png", picture(10 * index + number))
    return file.getvalue()


def classes_of_import(at: AppTest) -> set[str]:
    """The classes of the data set that a click on the button makes."""
    at.button(key="images.bring").click().run()
    assert not at.exception
    (job,) = queue.jobs(kind="bring")
    assert run_job(str(home()), job.id) == "finished"
    at.run()
    assert not at.exception
    return set(catalog.info(job.settings["dataset"]).class_names)


def test_a_broken_zip_is_reported_before_it_is_sent() -> None:
    at = choose_files(("x.zip", b"PK no"))
    assert any("not a whole zip file" in sentence for sentence in notices(at))
    assert at.button(key="images.bring").disabled


def test_names_in_an_old_encoding_are_shown_before_they_are_taken_in_and_another_can_be_chosen() -> None:
    data = undeclared_zip(["猫", "狗", "鸟"], "gbk").getvalue()
    at = choose_files(("things.zip", data))
    assert at.selectbox(key="images.reading.0.encoding").value == "gbk"
    assert "**狗** 6, **猫** 6, **鸟** 6" in texts(at)
    at.selectbox(key="images.reading.0.encoding").set_value("cp866").run()
    garbled = {name.encode("gbk").decode("cp866") for name in "猫狗鸟"}
    assert all(f"**{name}** 6" in texts(at) for name in garbled)
    assert classes_of_import(at) == garbled


def test_names_that_differ_in_case_alone_are_asked_about_before_they_are_taken_in() -> None:
    at = choose_files(("things.zip", zip_of("Cat", "cat", "dog")))
    assert at.button(key="images.bring").disabled
    (question,) = [control for control in at.segmented_control if str(control.key).endswith(".case")]
    question.set_value("join").run()
    assert "**Cat** 12, **dog** 6" in texts(at)
    (question,) = [control for control in at.segmented_control if str(control.key).endswith(".case")]
    question.set_value("keep").run()
    assert "**Cat** 6, **cat** 6, **dog** 6" in texts(at)
    assert classes_of_import(at) == {"Cat", "cat", "dog"}


def layout_question(at: AppTest) -> list[Radio]:
    return [control for control in at.radio if str(control.key).endswith(".layout")]


def test_an_inner_folder_is_recognised_and_said_and_the_layout_can_be_changed() -> None:
    at = choose_files(("things.zip", zip_of("set/cats/img", "set/dogs/img", "set/dogs/raw")))
    assert "The folder “set” lies around all classes." in texts(at)
    assert "**cats** 6, **dogs** 12" in texts(at)
    (question,) = layout_question(at)
    assert question.value == "outer"
    question.set_value("inner").run()
    assert "**img** 12, **raw** 6" in texts(at)
    assert classes_of_import(at) == {"img", "raw"}


def names_zip(folder: str = "") -> bytes:
    """A zip of files called as in Kaggle's cats and dogs."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(12):
            archive.writestr(f"{folder}{'dog' if number % 2 else 'cat'}.{number:03}.png", picture(number))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "options", "classes", "other", "only_class"),
    [
        (zip_of("cats/img", "dogs/img"), ["The outer folders", "The innermost folders"], "cats dogs", "inner", "img"),
        (zip_of("set/cats", "set/dogs"), ["The folders", "Nothing: "], "cats dogs", "one", "set"),
        (names_zip(), ["The files' names", "Nothing: "], "cat dog", "one", "images"),
        (names_zip("train/"), ["The files' names", "The folders"], "cat dog", "outer", "train"),
    ],
    ids=["inner folder", "wrapped", "names", "names in a folder"],
)
def test_what_is_recognised_is_asked_and_the_answer_honoured(
    data: bytes, options: list[str], classes: str, other: Layout, only_class: str
) -> None:
    at = choose_files(("things.zip", data))
    (question,) = layout_question(at)
    assert [option.startswith(start) for option, start in zip(question.options, options, strict=True)] == [True, True]
    assert classes_of_import(at) == set(classes.split())
    at = choose_files(("things.zip", data))
    (question,) = layout_question(at)
    question.set_value(other).run()
    assert "**1 class, and at least 2 are needed.**" in texts(at)
    assert f"**{only_class}** 12" in texts(at)
    at.button(key="images.bring").click().run()
    job = queue.jobs(kind="bring")[0]
    assert job.settings["layout"] == other
    assert run_job(str(home()), job.id) == "failed"
    assert f"All images are of one class, “{only_class}”" in str(queue.read(job.id).reason)


def test_folders_of_classes_alone_are_no_question() -> None:
    assert layout_question(choose_files(("things.zip", zip_of("cats", "dogs")))) == []


def test_what_systems_add_is_left_out_and_that_is_said() -> None:
    file = io.BytesIO(zip_of("a", "b"))
    with zipfile.ZipFile(file, "a") as archive:
        for name in ("a/.DS_Store", "__MACOSX/a/._0.png", "b/Thumbs.db"):
            archive.writestr(name, b"x")
    at = choose_files(("things.zip", file.getvalue()))
    assert "Left out: 3 files that systems added" in texts(at)
    assert classes_of_import(at) == {"a", "b"}
    assert "Left out: 3 files that systems added" in texts(at)


def test_marks_in_class_names_are_shown_as_they_are_on_every_page() -> None:
    names = ("C#", "*C*", "[x](y)", "$5$")
    at = choose_files(("things.zip", zip_of(*names)))
    assert classes_of_import(at) == set(names)
    own = next(element.value for element in at.markdown if element.value.startswith("**things**: "))
    assert own.startswith(r"**things**: \$5\$, \*C\*, \[x\](y), C\#. ")


def test_another_visitors_dataset_is_in_no_list_but_opens_with_its_link_while_it_is_shared() -> None:
    at = upload(open_page("images.py", **{"images.view": "own"}), zipped_images())
    (job,) = queue.jobs(kind="bring")
    run_job(str(home()), job.id)
    name = job.settings["dataset"]
    other = open_page("images.py")
    assert name not in other.selectbox(key="shell.dataset").options
    linked = open_page("images.py", dataset=name)
    assert ["1", "10", "10"] not in gallery_numbers(linked)
    at.run()
    at.button(key=f"images.share.{name}").click().run()
    assert "Whoever gets a link to them" in texts(at)
    assert ["1", "10", "10"] in gallery_numbers(linked.run())
    at.button(key=f"images.share.{name}").click().run()
    assert "Only you see these images" in texts(at)
    assert ["1", "10", "10"] not in gallery_numbers(linked.run())
    assert at.session_state["shell.workspace"] != linked.session_state["shell.workspace"]
    linked.query_params["dataset"] = "own-" + "x" * 22
    unknown = re.compile("“own-x+”")
    assert any(unknown.search(sentence) for sentence in notices(linked.run()))


def test_who_shares_a_view_or_leaves_is_told_that_others_do_not_see_the_images() -> None:
    at = upload(open_page("images.py", **{"images.view": "own"}), zipped_images())
    (job,) = queue.jobs(kind="bring")
    run_job(str(home()), job.id)
    share = f"images.share.{job.settings['dataset']}"
    at.run()
    for button in ("shell.share", "shell.anew"):
        at.button(key=button).click().run()
        assert "“My things”" in texts(at)
        assert "*Share* " in texts(at)
    at.button(key=share).click().run()
    for button in ("shell.share", "shell.anew"):
        at.button(key=button).click().run()
        assert "“My things”" not in texts(at)
