"""What pupils have typed stays text in what pages say while something is done with it."""

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnn.data.own import own_datasets
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.record import update_status
from pages.shell import selection
from tests.data.own.uploads import encode_random_image
from tests.pages.lessons.teach_your_own.teaching import add_photos, answer, photo, rename, start_empty
from tests.pages.opening import NAVIGATION, notices, open_page, upload
from tests.pages.typed_text.hostile_names import (
    CLASSES,
    FILE,
    MARKER,
    MODEL,
    NAMES,
    OTHER,
    SHOUTED,
    WORKSPACE,
)
from tests.pages.typed_text.places import Place, places, problem, problems


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("Markdown.body", f"**{NAMES[0]}** says no"),
        ("Table.arrow_data.data", NAMES[2]),
        ("Html.body", f"<p>{NAMES[5]}</p>"),
        ("Dataframe.arrow_data.data", NAMES[6]),
        ("Selectbox.options", MODEL),
        ("Metric.body", "Zq!"),
    ],
)
def test_the_rule_bites(field: str, text: str) -> None:
    assert problem(Place(field, text))


def count_of(at: AppTest, field: str) -> int:
    return sum(place.field == field for place in places(at))


def test_runs_are_watched_and_compared(query: dict[str, str], world) -> None:
    *_, model = world
    at = open_page("training.py", **query, run=model)
    assert count_of(at, "Heading.body") == 1
    (label,) = at.multiselect(key="training.compare").options
    at.multiselect(key="training.compare").set_value([label]).run()
    assert problems(at) == []


def submit(name: str, kind: str = "train") -> str:
    """Queue a job whose name, in its file, is as it is here."""
    settings = json.loads(next((home() / "runs").glob("*/card.json")).read_text())["config"]
    id = queue.submit(kind, settings, workspace=WORKSPACE, name="a run")
    file = home() / "runs" / id / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"name": name}))
    return id


def test_jobs_are_named_while_they_wait_run_and_fail(query: dict[str, str]) -> None:
    id = submit(MODEL)
    try:
        assert problems(open_page("training.py", **query, run=id)) == []
        update_status(queue.read(id), "running", reason=NAMES[0])
        for file in ("home.py", "training.py"):
            at = open_page(file, **query, run=id)
            assert problems(at) == [] and count_of(at, "Markdown.body") >= 1
        update_status(queue.read(id), "failed", reason=NAMES[0])
        at = open_page("training.py", **query, run=id)
        assert problems(at) == [] and count_of(at, "Markdown.body") >= 1
    finally:
        shutil.rmtree(home() / "runs" / id)


@pytest.mark.parametrize("kind", ["bring", "admit"])
def test_imports_are_named_while_they_wait_and_say_why_they_failed(kind: str, query: dict[str, str]) -> None:
    id = submit(MODEL, kind)
    file, view = {"bring": ("images.py", {"images.view": "own"}), "admit": ("models.py", {})}[kind]
    try:
        at = open_page(file, **query, **view)
        assert problems(at) == [] and count_of(at, "Progress.text") == 1
        update_status(queue.read(id), "failed", reason=NAMES[0])
        at = open_page(file, **query, **view)
        assert problems(at) == []
        assert sum(MARKER in sentence for sentence in notices(at)) == 1
    finally:
        shutil.rmtree(home() / "runs" / id)


def test_a_finished_network_is_adopted_and_named(query: dict[str, str], world) -> None:
    folder, _, other, _ = world
    at = open_page("predict.py", **query)
    id = submit(OTHER)
    try:
        at.run()
        for file in ("model.keras", "card.json"):
            shutil.copy(folder / "runs" / other / file, folder / "runs" / id / file)
        update_status(queue.read(id), "finished")
        at.run()
        assert problems(at) == [] and count_of(at, "Button.label") == 1
    finally:
        shutil.rmtree(folder / "runs" / id)
        selection.forget_lists()


def test_a_damaged_network_is_named(query: dict[str, str], world) -> None:
    folder, _, _, model = world
    id = submit(OTHER)
    try:
        card = json.loads((folder / "runs" / model / "card.json").read_text())
        (folder / "runs" / id / "card.json").write_text(json.dumps(card | {"created": 1}))
        (folder / "runs" / id / "model.keras").write_bytes(b"damaged")
        update_status(queue.read(id), "finished")
        for file in ("predict.py", "models.py"):
            at = open_page(file, **query | {"model": id, "view": "layers"})
            assert problems(at) == []
            assert any(MARKER in sentence for sentence in notices(at))
    finally:
        shutil.rmtree(folder / "runs" / id)
        selection.forget_lists()


def test_links_say_what_they_ask_for_in_vain(query: dict[str, str]) -> None:
    for asked in ({"model": NAMES[0]}, {"dataset": NAMES[1]}, {"dataset": "digits"}):
        at = AppTest.from_file(NAVIGATION, default_timeout=120)
        for name, value in (query | asked).items():
            at.query_params[name] = value
        at.run()
        assert problems(at) == []
        assert any(MARKER in sentence for sentence in notices(at)), asked
    for page, asked in (("predict.py", {"picture": NAMES[2]}), ("evaluation.py", {"evaluation.view": NAMES[0]})):
        at = open_page(page, **query | asked)
        assert problems(at) == []
        assert any(MARKER in sentence for sentence in notices(at)), asked


def test_a_data_set_whose_images_are_gone(query: dict[str, str], world) -> None:
    folder, dataset, _, _ = world
    moved = own_datasets.folder(dataset)
    files = [file for file in moved.iterdir() if file.name != "info.json"]
    away = folder / "away"
    away.mkdir()
    for file in files:
        file.rename(away / file.name)
    try:
        for page in ("images.py", "training.py", "evaluation.py", "models.py"):
            assert problems(open_page(page, **query)) == []
    finally:
        for file in files:
            (away / file.name).rename(file)
        away.rmdir()


def test_starting_anew_lists_what_there_is(query: dict[str, str]) -> None:
    at = open_page("home.py", **query)
    at.button(key="shell.anew").click().run()
    assert problems(at) == [] and count_of(at, "Markdown.body") >= 2


def test_photos_on_predict(query: dict[str, str]) -> None:
    at = open_page("predict.py", **query)
    upload(at, (FILE, encode_random_image(1)))
    assert problems(at) == [] and count_of(at, "Html.body") >= 1
    upload(at, (f"2{FILE}", encode_random_image(2)), (FILE, b"no picture"))
    assert problems(at) == [] and count_of(at, "Dataframe.arrow_data.data") >= 2
    assert any(MARKER in sentence for sentence in notices(at))


def test_classes_and_photos_that_are_taught(cnn_home: Path) -> None:
    at = open_page("teach_your_own.py", level="lab")
    start_empty(at)
    for index in (0, 1):
        rename(at, index, CLASSES[index + 3])
        add_photos(
            at, index, [(f"{seed}{FILE}", photo("star", 10 * index + seed)[1], "image/png") for seed in range(4)]
        )
    assert problems(at) == [] and count_of(at, "Html.body") >= 1
    add_photos(at, 0, [(FILE, b"no picture", "image/png")])
    assert any(MARKER in sentence for sentence in notices(at))
    add_photos(at, 0, [("same.png", photo("star", 10)[1], "image/png")])  # it is in the other class, too
    assert problems(at) == []
    rename(at, 0, CLASSES[4])
    assert problems(at) == [] and any(MARKER in sentence for sentence in notices(at))
    rename(at, 0, SHOUTED)
    assert problems(at) == []
    rename(at, 1, CLASSES[10])
    assert problems(at) == []
    at.button(key="teach.more").click().run()
    at.button(key="teach.remove.1").click().run()
    assert problems(at) == []
    answer(at, yes=True)
    assert problems(at) == [] and count_of(at, "Markdown.body") >= 1
