"""Files that TensorFlow 2.12 to 2.20 have written give the answers here that those versions gave."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, softmax

from cnn.model.exchange import foreign_process
from cnn.model.exchange.admission import check_model_file
from cnn.model.exchange.pixel_scaling import scale_pixels
from cnn.model.predict import predictor

FILES = Path(__file__).parent / "files"
# By version of TensorFlow: the files that it could not write itself, of those that NETWORKS and FORMS make.
VERSIONS = {
    "2.12": set(),
    "2.13": set(),
    "2.15": set(),
    "2.16": {"nested.h5", "parts.h5", "augmented.h5"},
    "2.18": {"augmented.h5"},
    "2.20": {"augmented.h5"},
}
NETWORKS = ["sequential", "functional", "nested", "parts", "augmented"]
FORMS = ["h5", "keras"]


def written(version: str) -> zipfile.ZipFile:
    """What ``files/write_files.py`` has written with a version of TensorFlow."""
    return zipfile.ZipFile(FILES / f"tensorflow-{version}.zip")


def files() -> list[tuple[str, str, str]]:
    """(version, network, form) of every file that was written."""
    every = [(version, network, form) for version in VERSIONS for network in NETWORKS for form in FORMS]
    every += [("2.12", network, "v3.keras") for network in NETWORKS]
    return [file for file in every if f"{file[1]}.{file[2]}" not in VERSIONS[file[0]]]


@pytest.mark.parametrize(("version", "network", "form"), files())
def test_a_file_of_that_version_gives_that_versions_answers(
    tmp_path: Path, version: str, network: str, form: str
) -> None:
    name = f"{network}.{form}"
    with written(version) as archive:
        path = Path(archive.extract(name, tmp_path))
        versions = json.loads(archive.read("versions.json"))
        with np.load(io.BytesIO(archive.read(f"{network}.npz"))) as arrays:
            images, answers, parameters = arrays["images"], arrays["answers"], int(arrays["parameters"])
    assert versions["tensorflow"].startswith(f"{version}.")
    with path.open("rb") as file:
        assert check_model_file(file, name) is None
    model, understood = foreign_process.rebuild(path, f"“{name}”")
    scale_pixels(model, "0..255")
    scores = np.asarray(model(images, training=False))
    probabilities = {"softmax": lambda x: softmax(x, axis=1), "sigmoid": expit, "logits": np.asarray}
    assert np.ptp(answers) > 0.05
    np.testing.assert_allclose(probabilities[understood.ending](scores), answers, atol=1e-5)
    assert understood.version == versions["keras"]
    assert understood.parameters == parameters
    assert len(understood.left_out) >= {"sequential": 2, "parts": 2, "augmented": 6}.get(network, 0)
    predicted = predictor(model)(images)
    assert predicted.shape == (len(images), understood.classes)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_file_that_a_version_could_write_is_there(version: str) -> None:
    with written(version) as archive:
        models = {name for name in archive.namelist() if name.endswith((".h5", ".keras"))}
        said = json.loads(archive.read("versions.json"))["not written"]
    assert set(said) == VERSIONS[version]
    assert models == {f"{network}.{form}" for of, network, form in files() if of == version}
