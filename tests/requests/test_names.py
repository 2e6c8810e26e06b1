"""No two models and no two data sets of a workspace are called alike, whoever asks for them at the same time."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from cnn.errors import JobError
from cnn.jobs import queue
from cnn.jobs.record import update_status
from cnn.model import store
from cnn.requests import datasets as dataset_requests
from cnn.requests import names
from cnn.requests import runs as run_requests
from cnn.training.config import recipe
from cnn.training.transfer_config import TransferConfig

ME, OTHER = "m" * 22, "o" * 22
DIGITS = "Simple CNN on Handwritten digits"  # comes with the app, so the first of one's own has a number already


def train(name: str | None = None, workspace: str = ME) -> queue.Job:
    return queue.read(run_requests.train(recipe("digits", "tutorial", epochs=1), workspace, name=name))


def import_pictures(title: str, workspace: str = ME) -> queue.Job:
    files = []
    for name in ("cup/1.png", "bowl/1.png"):
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, "PNG")
        files.append((name, file))
    return queue.read(dataset_requests.import_images(files, title, workspace))


@pytest.fixture(autouse=True)
def any_number_of_jobs(cnn_home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNN_JOBS_PER_VISITOR", "100")


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("Mugs", [], "Mugs"),
        ("Mugs", ["mugs"], "Mugs, 2"),
        ("  MUGS  and   plates ", ["Mugs and Plates"], "MUGS and plates, 2"),
        ("Mugs", ["Mugs", "Mugs, 2", "Mugs, 3"], "Mugs, 4"),
        ("Mugs, 2", ["Mugs, 2"], "Mugs, 3"),
        ("Mugs, 2", ["Mugs"], "Mugs, 2"),
        ("Cafe\u0301", ["Caf\u00e9"], "Cafe\u0301, 2"),
        ("x" * 90, ["x" * 80], "x" * 77 + ", 2"),
    ],
)
def test_a_name_that_is_taken_gets_the_smallest_free_number(name: str, taken: list[str], free: str) -> None:
    assert names.free_name(name, taken) == free


def test_two_runs_of_one_network_on_one_data_set_are_called_differently() -> None:
    assert [train().name for _ in range(3)] == [f"{DIGITS}, {number}" for number in (2, 3, 4)]
    assert train(workspace=OTHER).name == f"{DIGITS}, 2"
    assert [train("My network").name, train("my  network").name] == ["My network", "my network, 2"]
    tuned = TransferConfig("cats_vs_dogs", tuned_layers=30)
    assert run_requests.transfer_name(tuned) == "MobileNetV2 with 30 layers tuned on Cats and dogs"
    head = run_requests.transfer(TransferConfig("digits", "built-in"), ME)
    assert queue.read(head).name == "Built-in base with a new head on Handwritten digits"


def test_requests_at_the_same_time_get_different_names() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = [job.name for job in threads.map(train, ["Race"] * 24)]
        sets = [job.settings["title"] for job in threads.map(import_pictures, ["Cups"] * 8)]
    assert sorted(made) == sorted(["Race", *(f"Race, {number}" for number in range(2, 25))])
    assert sorted(sets) == ["Cups", *(f"Cups, {number}" for number in range(2, 9))]


def test_a_name_is_free_again_when_nothing_came_of_it() -> None:
    run = train("Mine")
    queue.request_stop(run.id, ME)  # before its first epoch, so it has no model
    assert train("Mine").name == "Mine"
    interrupted = train("Later")
    update_status(interrupted, "interrupted")
    assert train("Later").name == "Later, 2"  # the first can still be continued
    images = import_pictures("Cups")
    update_status(images, "failed", "too few")
    assert import_pictures("Cups").settings["title"] == "Cups"
    assert import_pictures("mnist").settings["title"] == "mnist, 2"


def test_a_model_is_not_renamed_to_a_name_that_another_has() -> None:
    first, second = train("First"), train("Second")
    for taken in ("first", " First ", DIGITS):
        with pytest.raises(JobError, match=f"Another model is called “{taken.strip()}”.*, 2”"):
            names.rename_model(second.id, ME, taken)
    assert queue.read(second.id).name == "Second"
    names.rename_model(second.id, ME, "SECOND")  # its own name does not stand in its way
    assert queue.read(second.id).name == "SECOND"
    with pytest.raises(JobError, match="belongs to another visitor"):
        names.rename_model(first.id, OTHER, "Third")


def test_a_model_of_the_command_line_gets_a_free_name_where_it_is_taken_in() -> None:
    train("cups")
    id = queue.submit(names.KEEP, {}, workspace="", name="cups")
    names.claim_model(id, ME)
    assert (queue.read(id).name, queue.read(id).workspace) == ("cups, 2", ME)


def test_models_that_come_with_the_app_have_their_names_for_themselves() -> None:
    assert names.free_model_name("x", ME) == "x"
    assert all(names.free_model_name(card.title, ME) == f"{card.title}, 2" for card in store.cards())
