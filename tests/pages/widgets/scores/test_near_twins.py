"""A number that was measured on near twins is said to mean little, wherever it stands."""

from pathlib import Path

import pytest

from cnn.data.own import sharing
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from pages.shell import selection
from tests.data.own.test_near_twins import burst_zip
from tests.data.own.uploads import WORKSPACE, import_zip
from tests.pages.on_screen import mentions
from tests.pages.opening import open_page, texts

BURSTS = {
    "bursts of five things": (6, 5, "on one side of the split"),
    "one burst": (8, 1, "twins are in training and in the test"),
}


@pytest.mark.parametrize("kind", BURSTS)
def test_the_final_exam_and_evaluation_say_that_their_number_means_little(
    kind: str, tmp_path: Path, cnn_home: Path
) -> None:
    frames, scenes, sides = BURSTS[kind]
    files = burst_zip({"mug": [(n, frames) for n in range(scenes)], "plate": [(n + 50, frames) for n in range(scenes)]})
    dataset, _ = import_zip(tmp_path, files)
    sharing.share(dataset, WORKSPACE, shared=True)
    at = open_page("training.py", dataset=dataset, **{"training.set.epochs": "1"})
    at.button(key="training.start").click().run()
    (job,) = queue.jobs(kind="train")
    assert run_job(str(cnn_home), job.id) == "finished"
    selection.forget_lists()
    images = 2 * frames * scenes
    for page in (at.run(), open_page("evaluation.py", model=job.id)):
        assert mentions(page, "Near twins", images, images, "images", sides, "says little about new ones")


@pytest.mark.parametrize("page", ["evaluation.py", "training.py"])
def test_nothing_is_said_of_photos_that_differ(page: str, digits: Path) -> None:
    assert "Near twins" not in texts(open_page(page, dataset="digits"))
