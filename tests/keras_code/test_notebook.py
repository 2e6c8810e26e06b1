"""A page's code as a notebook: valid, with the lesson's words, and running as it is."""

import ast
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from cnn.data.augmentation.settings import PRESETS
from cnn.data.image_decoding import decode
from cnn.keras_code.augmentation import variants_code
from cnn.keras_code.model import model_code
from cnn.keras_code.notebook import notebook, split_cells
from cnn.keras_code.shifts import shifts_code
from cnn.keras_code.snippets import feature_maps_code, grad_cam_code, predict_code
from cnn.keras_code.training import training_code
from cnn.model import store
from cnn.model.predict import answer_photo, predictor
from cnn.model.presets import preset
from cnn.training.config import TrainConfig
from tests.keras_code.photo_files import write_photo

WORDS = ["What does the network make of *it*?", "**What to notice.** It never sees your picture."]
CODES = {
    "predict": predict_code(["ant", "bee"], one_logit=True, pixel_seed=3),
    "feature maps": feature_maps_code(),
    "Grad-CAM": grad_cam_code(),
    "variants": variants_code(PRESETS["strong"], 0, 24, (32, 32, 3)),
    "no variants": variants_code(PRESETS["none"], 0, 24, (32, 32, 3)),
    "network": model_code(preset("tutorial"), (32, 32, 3), 10),
    "training": training_code(TrainConfig(augmentation="strong", schedule="one-cycle")),
    "photos": training_code(TrainConfig("cats_vs_dogs", augmentation="tutorial")),
    "shifts": shifts_code(4, 7),
}


@pytest.mark.parametrize("name", CODES)
def test_the_cells_are_the_code_in_order_with_each_definition_by_itself(name: str) -> None:
    cells = split_cells(CODES[name])
    statements = [ast.unparse(statement) for cell in cells for statement in ast.parse(cell).body]
    assert statements == [ast.unparse(statement) for statement in ast.parse(CODES[name]).body]
    assert [line for cell in cells for line in cell.splitlines() if line] == [
        line for line in CODES[name].splitlines() if line
    ]
    for cell in cells:
        kinds = [type(statement).__name__ for statement in ast.parse(cell).body]
        assert "FunctionDef" not in kinds or kinds == ["FunctionDef"]
        assert not cell.startswith("\n") and not cell.endswith("\n")


@pytest.mark.parametrize("name", CODES)
def test_the_file_is_a_valid_notebook_that_begins_with_the_words(name: str) -> None:
    data = notebook("Predict", WORDS, CODES[name])
    read = nbformat.reads(data.decode(), as_version=nbformat.NO_CONVERT)
    nbformat.validate(read)
    assert (read.nbformat, read.cells[0].cell_type) == (4, "markdown")
    assert read.cells[0].source == "\n\n".join(["# Predict", *WORDS])
    assert {cell.cell_type for cell in read.cells[1:]} == {"code"}
    assert len({cell.id for cell in read.cells}) == len(read.cells)
    assert data == notebook("Predict", WORDS, CODES[name])


def test_a_notebook_runs_and_answers_as_the_app_does(tmp_path: Path) -> None:
    card = store.card("cifar10-resnet")
    shutil.copy(card.file, tmp_path / "model.keras")
    photo = write_photo(tmp_path, "turned.jpg")
    shutil.copy(photo, tmp_path / "photo.jpg")
    answer = answer_photo(predictor(store.load_file(card)), card, decode(photo.read_bytes(), "photo"))
    code = predict_code(card.class_names, one_logit=False) + "print(probabilities.numpy().tolist())\n"
    written = nbformat.reads(notebook("Predict", WORDS, code).decode(), as_version=4)
    client = NotebookClient(written, timeout=200, kernel_name="python3", resources={"metadata": {"path": tmp_path}})
    client.execute()
    printed = "".join(output.text for output in written.cells[-1].outputs if output.get("name") == "stdout").split("\n")
    assert printed[0] == card.class_names[int(answer.probabilities.argmax())]
    np.testing.assert_allclose(ast.literal_eval(printed[1])[0], answer.probabilities, atol=1e-5)
