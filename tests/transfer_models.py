"""Two small runs of transfer learning, run as by a worker: the built-in base, and MobileNetV2 on a few photos."""

import io
import os
from itertools import islice
from pathlib import Path

import pytest

from cnn.data import catalog
from cnn.data.own import importer, own_datasets, sharing
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.training.transfer_config import TransferConfig
from tests.prepared_data import link_data

WORKSPACE = "workspace-ann"
PHOTOS = 40


def train_head(dataset: str, base: str, batch_size: int = 32) -> str:
    """Train a head in the current ``CNN_HOME`` and return the run's id."""
    config = TransferConfig(dataset, base, head_epochs=2, batch_size=batch_size)
    id = queue.submit("transfer", config.to_dict(), workspace=WORKSPACE, name=f"A head on {base}")
    assert run_job(os.environ["CNN_HOME"], id) == "finished"
    return id


def import_photos(prepared: Path) -> str:
    """Import ``PHOTOS`` photos of cats and dogs as a visitor's own data set, shared with all, and return its name."""
    import tensorflow_datasets as tfds

    builder = tfds.builder(catalog.info("cats_vs_dogs").builder, data_dir=str(prepared / "tfds"))
    examples = builder.as_dataset(split="train", decoders={"image": tfds.decode.SkipDecoding()})
    files = []
    for index, example in enumerate(islice(tfds.as_numpy(examples), PHOTOS)):
        files.append((f"{('cat', 'dog')[example['label']]}/{index}.jpg", io.BytesIO(example["image"])))
    name = own_datasets.store_upload(files, WORKSPACE)
    settings = {"dataset": name, "title": "A few photos", "workspace": WORKSPACE, "created": 0}
    id = queue.submit("bring", settings, workspace=WORKSPACE, name="A few photos")
    assert run_job(os.environ["CNN_HOME"], id) == "finished", queue.read(id).reason
    assert importer.is_laid_out(own_datasets.folder(name))
    sharing.share(name, WORKSPACE, shared=True)
    return name


def built_in_head(home: Path, laid_out_digits: Path) -> str:
    """Train a head for the built-in base on ``digits``, with ``home`` as ``CNN_HOME``."""
    link_data(home, laid_out_digits, "digits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(home))
        return train_head("digits", "built-in")


def mobilenet_head(home: Path, prepared: Path) -> str:
    """Train a head for MobileNetV2 on a few photos, with ``home`` as ``CNN_HOME``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(home))
        return train_head(import_photos(prepared), "mobilenet_v2", batch_size=8)
