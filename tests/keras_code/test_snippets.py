"""The fixed code examples are valid Python that uses only names it defines; the page tests run what pages show."""

import subprocess
import sys

import pytest

from cnn.keras_code import snippets

CODE = {
    "load_model": snippets.load_model_code(),
    "predict": snippets.predict_code((32, 32, 3), ("ant", 'a "bee"', "it's {c}"), one_logit=False),
    "predict, one logit, greyscale": snippets.predict_code((28, 28, 1), ("cat", "dog"), one_logit=True),
    "feature_maps": snippets.feature_maps_code(),
    "grad_cam": snippets.grad_cam_code(),
    "evaluation": snippets.evaluation_code(one_logit=False),
    "evaluation, one logit": snippets.evaluation_code(one_logit=True),
    "time_machine": snippets.time_machine_code(),
    "few_shot": snippets.few_shot_code(),
}


@pytest.mark.parametrize("name", CODE)
def test_every_snippet_compiles_and_fits_the_page(name: str) -> None:
    compile(CODE[name], "<snippet>", "exec")
    assert max(map(len, CODE[name].splitlines())) <= 120


def test_snippets_use_only_names_they_import_or_define(tmp_path) -> None:
    for index, code in enumerate(CODE.values()):
        # The evaluation example takes the test images as given.
        (tmp_path / f"{index}.py").write_text(f"x_test = y_test = None\n{code}\n")
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F", str(tmp_path)]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_predict_code_reads_photos_with_the_channels_and_classes_of_the_model() -> None:
    assert '.convert("RGB")' in CODE["predict"]
    assert '.convert("L")' in CODE["predict, one logit, greyscale"]
    assert "names = ['cat', 'dog']" in CODE["predict, one logit, greyscale"]
    assert "keras.ops.sigmoid(model(image))" in CODE["predict, one logit, greyscale"]
