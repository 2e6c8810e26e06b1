"""What a server takes on at most: whatever kind of job is asked for, above a limit there is a sentence and no loss."""

import io
from collections.abc import Callable, Iterator

import pytest

from cnn.data.own import own_datasets
from cnn.errors import CnnError, DatasetError, JobError
from cnn.home import home
from cnn.jobs import job_limits, queue
from cnn.requests import datasets as dataset_requests
from cnn.requests import models as model_requests
from tests.data.own.uploads import make_two_classes, make_zip
from tests.jobs.job_control import ANN, BOB, CAT, set_state, submit_training


@pytest.fixture
def comes_from() -> Iterator[Callable[[str | None], None]]:
    """Says from which address the next requests come."""
    yield lambda address: job_limits.find_address_with(lambda: address)
    job_limits.find_address_with(lambda: None)


def test_so_many_jobs_of_all_visitors_may_wait(monkeypatch) -> None:
    monkeypatch.setenv("CNN_JOBS_WAITING", "2")
    first = submit_training(ANN)
    submit_training(BOB)
    with pytest.raises(JobError, match="2 runs of all visitors wait already"):
        submit_training(CAT)
    set_state(first, "running")
    submit_training(CAT)
    assert len(queue.waiting()) == 2


def test_new_workspaces_do_not_get_around_the_limit_of_an_address(monkeypatch, comes_from) -> None:
    monkeypatch.setenv("CNN_JOBS_PER_ADDRESS", "2")
    comes_from("192.0.2.7")
    first, second = submit_training("workspace 1"), submit_training("workspace 2")
    with pytest.raises(JobError, match="2 runs from your network address"):
        submit_training("workspace 3")
    comes_from("192.0.2.8")
    submit_training("workspace 4")
    comes_from(None)
    submit_training("workspace 5")
    comes_from("192.0.2.7")
    set_state(first, "finished")
    submit_training("workspace 3")
    set_state(second, "failed")
    submit_training("workspace 6")
    with pytest.raises(JobError, match="network address"):
        queue.resume(second, "workspace 2")
    assert queue.read(second).state == "failed"


def full_disk(monkeypatch) -> str:
    monkeypatch.setenv("CNN_FREE_DISK_MEGABYTES", str(10**9))
    return "MB left, and 1,000,000,000 MB have to stay free"


def full_of_runs(monkeypatch) -> str:
    submit_training(BOB)
    monkeypatch.setenv("CNN_RUN_MEGABYTES", "0")
    return "The runs and models on this server take 0 MB together"


@pytest.mark.parametrize("fill", [full_disk, full_of_runs])
def test_nothing_begins_where_there_is_no_room(monkeypatch, fill) -> None:
    interrupted = submit_training(ANN)
    set_state(interrupted, "interrupted")
    reason = fill(monkeypatch)
    before = sorted(path for path in home().rglob("*") if path.suffix != ".lock")
    for begin in (
        lambda: submit_training(ANN),
        lambda: queue.resume(interrupted, ANN),
        lambda: dataset_requests.prepare("cifar10", ANN),
        lambda: dataset_requests.import_images([("mugs.zip", make_zip(make_two_classes()))], "Mugs", ANN),
        lambda: model_requests.import_model(io.BytesIO(b"model"), "mine.keras", ANN),
        lambda: model_requests.fetch_weights(ANN),
    ):
        with pytest.raises(CnnError, match=reason):
            begin()
    assert sorted(path for path in home().rglob("*") if path.suffix != ".lock") == before


def test_own_images_of_all_visitors_have_a_limit(monkeypatch) -> None:
    folder = own_datasets.folder("own-" + "a" * 22)
    folder.mkdir(parents=True)
    (own_datasets.upload_path("own-b")).parent.mkdir()
    own_datasets.upload_path("own-b").write_bytes(bytes(2**20))
    monkeypatch.setenv("CNN_OWN_IMAGE_MEGABYTES", "2")
    own_datasets.check_room()
    monkeypatch.setenv("CNN_OWN_IMAGE_MEGABYTES", "1")
    with pytest.raises(DatasetError, match="own images of all visitors take 1 MB together"):
        dataset_requests.import_images([("mugs.zip", make_zip(make_two_classes()))], "Mugs", ANN)
    assert [path.name for path in own_datasets.upload_path("own-b").parent.iterdir()] == ["own-b.zip"]
