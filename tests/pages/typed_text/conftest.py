"""A home with unkind names, in which what takes a job has been computed."""

from pathlib import Path

import pytest

from cnn.analysis import studies
from cnn.home import home
from cnn.jobs.worker import run_job
from cnn.model import store
from tests.pages.typed_text.hostile_names import MODEL, OTHER, WORKSPACE, be_their_owner, create_dataset, train


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str, str]:
    """(``CNN_HOME``, name of the data set, ids of the two networks), with all that takes a job computed."""
    folder = tmp_path_factory.mktemp("typed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(folder))
        dataset = create_dataset()
        ids = train(dataset, OTHER), train(dataset, MODEL)
        for id in ids:
            card = store.card(id)
            for study, settings in (
                ("map", studies.settings_for("validation")),
                ("robustness", studies.settings_for("validation")),
                ("history", {}),
            ):
                job = studies.request(card, study, settings, workspace=WORKSPACE)
                assert run_job(str(home()), job) == "finished"
    return folder, dataset, *ids


@pytest.fixture
def query(world, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The part of a page's address that chooses data set and network, for their owner."""
    folder, dataset, _, model = world
    monkeypatch.setenv("CNN_HOME", str(folder))
    be_their_owner(monkeypatch)
    return {"dataset": dataset, "model": model, "level": "lab"}
