"""A visitor's unbalanced images, from the choice of the data set to the final exam and the evaluation."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from cnn.data import catalog
from cnn.data.own import sharing
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from pages.shell import selection
from pages.shell.text import percent
from tests.data.own.uploads import WORKSPACE, encode_random_image, import_zip
from tests.pages.on_screen import mentions
from tests.pages.opening import open_page, texts


def import_images(folder: Path, cups: int) -> str:
    """Import 10 bowls and so many cups, share them, and return the set's name."""
    files = {f"bowl/{i}.png": encode_random_image(i) for i in range(10)}
    files |= {f"cup/{i}.png": encode_random_image(1000 + i) for i in range(cups)}
    name, _ = import_zip(folder, files)
    sharing.share(name, WORKSPACE, shared=True)
    return name


def test_an_unbalanced_set_gets_class_weights_and_balanced_accuracy(tmp_path: Path, cnn_home: Path) -> None:
    dataset = import_images(tmp_path, cups=90)
    at = open_page("training.py", dataset=dataset, **{"training.set.epochs": "1"})
    counts = np.bincount(catalog.load(dataset, "train").labels)
    assert mentions(at, "Unbalanced", counts[1], "cup", counts[0], "bowl", "class weights")
    assert "class_weight=class_weight" in str(at.get("code")[0].value)
    at.button(key="training.start").click().run()
    (job,) = queue.jobs(kind="train")
    assert job.settings["class_weights"] is True
    assert run_job(str(cnn_home), job.id) == "finished"
    selection.forget_lists()
    at.run()
    labels = catalog.load(dataset, "validation").labels
    predicted = np.load(job.folder / "validation_probabilities.npy").argmax(axis=1)
    balanced, share = balanced_accuracy_score(labels, predicted), (labels == 1).mean()
    for page in (at, open_page("evaluation.py", model=job.id)):
        assert mentions(page, percent(balanced).removesuffix(" %"), "balanced accuracy", "cup", round(100 * share), 50)
    assert mentions(open_page("models.py", model=job.id), "validation images", "guessing gives", round(100 * share))
    at.button(key="training.exam.open").click().run()
    labels = catalog.load(dataset, "test").labels
    predicted = np.load(job.folder / "test_probabilities.npy").argmax(axis=1)
    balanced, share = balanced_accuracy_score(labels, predicted), (labels == 1).mean()
    assert mentions(at, "The final exam", "Guessing gives", round(100 * share))
    assert mentions(at, percent(balanced).removesuffix(" %"), "balanced accuracy", "cup", round(100 * share), 50)


def test_class_weights_are_a_setting_of_the_lab(tmp_path: Path, cnn_home: Path) -> None:
    dataset = import_images(tmp_path, cups=90)
    for page, switch in (("training.py", "training.set.weights"), ("transfer_learning.py", "transfer.class_weights")):
        at = open_page(page, dataset=dataset, level="lab", **{"transfer.base": "built-in"})
        assert at.toggle(key=switch).value is True
        at.toggle(key=switch).set_value(False).run()
        assert "Without class weights" in texts(at)
        assert "class_weight" not in str(at.get("code")[0].value)


@pytest.mark.parametrize("page", ["training.py", "transfer_learning.py", "evaluation.py"])
def test_a_balanced_set_is_not_called_unbalanced(page: str, digits: Path) -> None:
    at = open_page(page, dataset="digits")
    assert "nbalanced" not in texts(at)
    assert "balanced accuracy" not in texts(at)
