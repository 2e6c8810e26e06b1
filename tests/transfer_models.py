"""Two small runs of transfer learning, as a worker trains them: the built-in base, and MobileNetV2 on a few photos."""

import io
import os
from itertools import islice
from pathlib import Path

import pytest

from cnn.data import catalog
from cnn.data.own import importer, own_datasets
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.training.transfer_config import TransferConfig
from tests.prepared_data import link_data

WORKSPACE = "workspace-ann"
PHOTOS = 40


def a_head(dataset: str, base: str, batch_size: int = 32) -> str:
    """Train a head in this ``CNN_HOME``; gives the run's id."""
    config = TransferConfig(dataset, base, head_epochs=2, batch_size=batch_size)
    id = queue.submit("transfer", config.to_dict(), workspace=WORKSPACE, name=f"A head on {base}")
    assert run_job(os.environ["CNN_HOME"], id) == "finished"
    return id


def a_few_photos(prepared: Path) -> str:
    """``PHOTOS`` photos of cats and dogs as a visitor's own data set; gives its name."""
    import tensorflow_datasets as tfds

    builder = tfds.builder(catalog.info("cats_vs_dogs").builder, data_dir=str(prepared / "tfds"))
    read = builder.as_dataset(split="train", decoders={"image": tfds.decode.SkipDecoding()})
    files = []
    for number, one in enumerate(islice(tfds.as_numpy(read), PHOTOS)):
        files.append((f"{('cat', 'dog')[one['label']]}/{number}.jpg", io.BytesIO(one["image"])))
    name = own_datasets.store_upload(files, WORKSPACE)
    settings = {"dataset": name, "title": "A few photos", "workspace": WORKSPACE, "created": 0}
    id = queue.submit("bring", settings, workspace=WORKSPACE, name="A few photos")
    assert run_job(os.environ["CNN_HOME"], id) == "finished", queue.read(id).reason
    assert importer.is_laid_out(own_datasets.folder(name))
    return name


def built_in_head(home: Path, laid_out_digits: Path) -> str:
    """The run of the built-in base on ``digits`` in a ``CNN_HOME`` of its own."""
    link_data(home, laid_out_digits, "digits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(home))
        return a_head("digits", "built-in")


def mobilenet_head(home: Path, prepared: Path) -> str:
    """The run of MobileNetV2 on a few photos in a ``CNN_HOME`` of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(home))
        return a_head(a_few_photos(prepared), "mobilenet_v2", batch_size=8)
