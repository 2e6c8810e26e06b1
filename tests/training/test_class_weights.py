"""Runs on an unbalanced set of own images, from scratch and on a base, with class weights and without."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import recall_score
from sklearn.utils.class_weight import compute_class_weight

from cnn.data import catalog
from cnn.model.architectures import Architecture, Flatten, Pooling
from cnn.training.config import TrainConfig
from cnn.training.fit import fit
from cnn.training.transfer_config import TransferConfig
from cnn.training.transfer_fit import fit_transfer
from tests.data.own.uploads import import_zip


def encode_grey(brightness: float, random: np.random.Generator) -> bytes:
    """A PNG of noise around a brightness, the stronger the brighter, so that any network can see it."""
    noise = max(0.0, brightness - 80) * random.standard_normal((20, 20, 3))
    pixels = np.clip(brightness + noise, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def unbalanced(tmp_path: Path) -> str:
    """A set in which 80 of 480 images are of the class “bright”, which overlaps with “dark”."""
    random = np.random.default_rng(4)
    images = {f"dark/{i}.png": encode_grey(random.normal(110, 20), random) for i in range(400)}
    images |= {f"bright/{i}.png": encode_grey(random.normal(145, 20), random) for i in range(80)}
    (tmp_path / "import").mkdir()
    return import_zip(tmp_path / "import", images)[0]


def run(config, folder: Path) -> tuple[list[dict], np.ndarray, np.ndarray]:
    """Train; returns the epochs, and the probabilities of the validation and test images."""
    folder.mkdir()
    events: list[dict] = []
    train = fit if isinstance(config, TrainConfig) else fit_transfer
    train(config, folder, events.append, lambda: False)
    epochs = [event for event in events if event["type"] == "epoch"]
    return epochs, *(np.load(folder / f"{split}_probabilities.npy") for split in ("validation", "test"))


@pytest.mark.parametrize("kind", ["scratch", "transfer"])
def test_class_weights_find_the_rare_class_and_weigh_the_held_out_loss(kind, unbalanced, tmp_path) -> None:
    config: TrainConfig | TransferConfig = TransferConfig(
        unbalanced, "built-in", head_epochs=10, batch_size=16, class_weights=True
    )
    if kind == "scratch":
        network = Architecture("own", (Pooling(size=8), Flatten()))
        config = TrainConfig(unbalanced, network, epochs=12, batch_size=16, learning_rate=0.003, class_weights=True)
    epochs, *weighted = run(config, tmp_path / "weighted")
    _, *unweighted = run(replace(config, class_weights=False), tmp_path / "unweighted")
    train, held_out, exam = (catalog.load(unbalanced, split).labels for split in ("train", "validation", "test"))
    rare = catalog.info(unbalanced).class_names.index("bright")
    recall, unweighted_recall = (
        recall_score(np.append(held_out, exam), np.concatenate(answers).argmax(axis=1), pos_label=rare)
        for answers in (weighted, unweighted)
    )
    assert recall >= unweighted_recall + 0.3
    validation = weighted[0]
    weights = compute_class_weight("balanced", classes=np.arange(2), y=train)[held_out]
    right = validation[np.arange(len(held_out)), held_out].astype(np.float64)
    expected = float((-np.log(right) * weights).mean())
    assert epochs[-1]["val_loss"] == pytest.approx(expected, rel=0.01)
    # Accuracy stays that of the images, each of which counts once.
    assert epochs[-1]["val_accuracy"] == pytest.approx((validation.argmax(axis=1) == held_out).mean(), abs=1e-5)


@pytest.mark.parametrize("config", [TrainConfig("digits"), TransferConfig("digits", "built-in")])
def test_settings_from_before_class_weights_load_as_off(config) -> None:
    stored = config.to_dict()
    assert stored.pop("class_weights") is False
    assert type(config).from_dict(stored) == config
