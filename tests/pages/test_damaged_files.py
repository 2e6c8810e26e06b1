"""Every page that reads runs, with many damaged runs beside a healthy one, which is still there."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnn.model import store
from pages.shell import selection
from pages.shell.errors import OUR_SIDE
from tests.pages.opening import NAVIGATION, texts
from tools.faults.corruptions import corruptions

OWNER = "owner-of-damaged-files"
HEALTHY = "healthy-run-0000000000"
PAGES = (
    *("home.py", "training.py", "models.py", "time_machine.py", "evaluation.py", "explanations.py"),
    *("feature_maps.py", "predict.py", "transfer_learning.py"),
)
FILES = (
    *("config.json", "status.json", "card.json", "events.jsonl", "watched.npz", "validation_probabilities.npy"),
    *("model.keras", "epochs/12.weights.h5", "final_exam_looks.txt"),
)
LEAST = 24  # at least as many damaged runs stand side by side; each page opens another of them by its link


def make_template(folder: Path) -> None:
    """What the runs are made of; a copy, so that nothing that is done to them reaches the app's own files."""
    shutil.copytree(store.PRETRAINED / "digits-tutorial", folder)
    for name in ("config.json", "status.json", "final_exam_looks.txt"):
        (folder / name).touch()


def make_run(template: Path, folder: Path, name: str, damaged: str) -> None:
    """A finished run of ``OWNER``: hard links, so that forty take no room, but for what is written or damaged."""
    shutil.copytree(template, folder, copy_function=os.link)
    for file in {"config.json", "status.json", "final_exam_looks.txt", damaged}:
        (folder / file).unlink()
        shutil.copyfile(template / file, folder / file)
    config = {"kind": "train", "workspace": OWNER, "name": name, "created": 1.8e9, "key": None}
    card = json.loads((folder / "card.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"settings": card["config"], "seconds_expected": 9.0}))
    (folder / "status.json").write_text('{"state": "finished", "attempt": 1, "since": 1.8e9, "started": 1.8e9}')
    (folder / "final_exam_looks.txt").write_text("1800000000\n")


@pytest.fixture(params=FILES)
def damaged(request: pytest.FixtureRequest, digits: Path) -> Iterator[list[str]]:
    """Ids of damaged runs, in each of which the same file was corrupted in another way, beside ``HEALTHY``."""
    template = digits / "template"
    make_template(template)
    make_run(template, digits / "runs" / HEALTHY, "Healthy", request.param)
    kinds = list(corruptions(digits / "runs" / HEALTHY / request.param))
    chosen = kinds[:: max(1, len(kinds) // LEAST)]
    ids = []
    for index, corruption in enumerate(chosen):
        ids.append(f"damaged-run-{index:010}")
        folder = digits / "runs" / ids[-1]
        make_run(template, folder, f"Damaged {index}", request.param)
        corruption.apply(folder / request.param)
    selection.forget_lists()
    yield ids
    selection.forget_lists()


def open_as_owner(file: str, **query: str) -> AppTest:
    at = AppTest.from_file(NAVIGATION, default_timeout=120)
    at.session_state["shell.workspace"] = OWNER
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    at.switch_page(file).run()
    return at


def test_pages_show_the_healthy_run_and_break_at_no_damaged_one(damaged: list[str]) -> None:
    faults = []
    for number, file in enumerate(PAGES):
        linked = damaged[number % len(damaged)]
        for query in ({}, {"model": linked, "run": linked, "level": "lab"}):
            if not query and file not in PAGES[:3]:
                continue  # the list of models is the same on all pages; these three list runs besides
            at = open_as_owner(file, **query)
            faults += [f"{file} {query}: {error.message[:200]} {error.stack_trace[-2:]}" for error in at.exception]
            if OUR_SIDE in texts(at):
                faults.append(f"{file} {query}: {OUR_SIDE}")
            if file == "models.py" and "Healthy" not in str(at.dataframe[0].value):
                faults.append(f"{file} {query}: the healthy run is not listed")
    assert not faults, "\n".join(faults)
