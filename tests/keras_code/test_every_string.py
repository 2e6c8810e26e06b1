"""Every kind of code that pages show runs as a person would run it, and its numbers are the app's.

It runs in fresh processes, with warnings as errors, and with nothing installed but TensorFlow, Keras, Pillow and NumPy.
What loads a public data set also needs TensorFlow Datasets, and this project for the built-in ones; what fits the head
of *Teach your own* needs scikit-learn; what reads an HEIC needs pillow-heif.
"""

import ast
import importlib.metadata
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cnn.home import home
from cnn.keras_code import (
    augmentation,
    convolution,
    evaluation,
    mixing,
    model,
    round_trip,
    shifts,
    snippets,
    training,
    transfer,
)
from cnn.model.exchange import package
from tests.keras_code import code_strings, data_strings
from tests.keras_code.code_strings import CodeString
from tests.prepared_data import link_data

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("run_in_fresh_process.py")
LEARNERS = ("tensorflow", "keras", "pillow", "numpy")
PROJECTS = (
    *LEARNERS,
    "pillow-heif",
    "tensorflow-datasets",
    "scikit-learn",
    "importlib_resources",
    "platformdirs",
    "requests",
)
GENERATORS = {
    augmentation.variants_code,
    convolution.convolution_code,
    evaluation.evaluation_code,
    mixing.mixing_code,
    model.model_code,
    package.predict_script,
    round_trip.round_trip_code,
    shifts.shifts_code,
    snippets.feature_maps_code,
    snippets.few_shot_code,
    snippets.grad_cam_code,
    snippets.load_model_code,
    snippets.predict_code,
    snippets.time_machine_code,
    training.loading_code,
    training.training_code,
    transfer.base_summary_code,
    transfer.transfer_code,
}
SHOW_OTHER_TEXT = ("page_layout.py", "start_anew.py", "sharing.py")  # code that a page has passed in; links
LEAST_STRINGS = 179  # as counted: a smaller number means that some are no longer tried
pytestmark = pytest.mark.timeout(1800)  # two processes with hundreds of strings
Run = tuple[CodeString, dict, dict[str, np.ndarray]]


def modules_of(packages: tuple[str, ...]) -> set[str]:
    """The top-level modules of packages and of all that they require."""
    found: set[str] = set()
    waiting = [re.sub(r"[-_.]+", "-", name).lower() for name in packages]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            requirements = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:  # for another system
            continue
        found.add(name)
        for requirement in requirements:
            if "extra ==" not in requirement:
                required = re.match(r"[\w.-]+", requirement)
                assert required
                waiting.append(re.sub(r"[-_.]+", "-", required[0]).lower())
    owners = importlib.metadata.packages_distributions()
    return {module for module, names in owners.items() if found & {re.sub(r"[-_.]+", "-", n).lower() for n in names}}


def run_strings(strings: list[CodeString], folder: Path, packages: set[str], paths: list[str]) -> list[Run]:
    """Run them in one fresh process that can import nothing but ``packages``."""
    folder.mkdir()
    jobs = [
        {"code": s.code, "folder": str(s.folder), "keep": s.keep, "argv": s.argv, "after": s.after} for s in strings
    ]
    (folder / "jobs.json").write_text(json.dumps({"packages": sorted(packages), "path": paths, "jobs": jobs}))
    environment = {**os.environ, "TFDS_DATA_DIR": str(folder.parent / "tfds"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-I", str(RUNNER), str(folder / "jobs.json")]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    runs: list[Run] = []
    for number, result in enumerate(json.loads((folder / "results.json").read_text())):
        file = folder / f"{number}.npz"
        runs.append((strings[number], result, dict(np.load(file, allow_pickle=True)) if file.exists() else {}))
    return runs


@pytest.fixture(scope="module")
def sets(laid_out: Callable[[str], Path], request: pytest.FixtureRequest) -> dict[str, Path]:
    """The public data sets on this machine, and where they are laid out."""
    found = {name: laid_out(name) for name in ("digits", "shapes-left-right")}
    try:
        request.getfixturevalue("prepared_data")
        found |= {name: laid_out(name) for name in ("cifar10", "cats_vs_dogs")}
    except pytest.skip.Exception:
        pass
    return found


@pytest.fixture(scope="module")
def runs(sets: dict[str, Path], request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """Every string, run."""
    base = tmp_path_factory.mktemp("strings")
    patch = pytest.MonkeyPatch()
    request.addfinalizer(patch.undo)
    patch.setenv("CNN_HOME", str(tmp_path_factory.mktemp("strings_home")))
    request.node.strings_home = home()
    (base / "tfds").mkdir()
    for name, laid_out_home in sets.items():
        link_data(home(), laid_out_home, name)
    originals = [laid_out_home / "tfds" for laid_out_home in sets.values()]
    if "cifar10" in sets:
        originals.append(request.getfixturevalue("prepared_data") / "tfds")
    for folder in originals:
        for dataset in folder.iterdir() if folder.is_dir() else ():
            if not (base / "tfds" / dataset.name).exists():
                (base / "tfds" / dataset.name).symlink_to(dataset)
    folders = base / "folders"
    folders.mkdir()
    cards = code_strings.models()
    bases = ["built-in", *(["mobilenet_v2"] if "cifar10" in sets else [])]
    strings = [
        *code_strings.about_a_photo(folders, cards),
        *code_strings.about_a_model(folders, cards),
        *code_strings.about_a_base(folders, bases),
        *code_strings.windows(folders),
        *code_strings.variants(folders),
        *code_strings.mixtures(folders),
        *data_strings.with_own_images(folders),
        *data_strings.with_a_few_photos(folders, bases),
        *data_strings.with_public_sets(folders, list(sets)),
    ]
    learners = run_strings([s for s in strings if not s.project], base / "learner", modules_of(LEARNERS), [])
    project = modules_of(PROJECTS) | {"cnn"}
    return learners + run_strings([s for s in strings if s.project], base / "project", project, [str(ROOT)])


@pytest.mark.parametrize("generator", sorted(GENERATORS, key=lambda function: function.__name__))
def test_the_code_runs_in_a_fresh_process_and_gives_the_numbers_of_the_app(
    generator, runs: list[Run], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNN_HOME", str(request.node.parent.strings_home))
    mine = [run for run in runs if run[0].generator is generator]
    if generator is shifts.shifts_code and not mine:
        pytest.skip("CIFAR-10 is not on this machine")
    assert mine
    for string, result, kept in mine:
        assert result["error"] is None, f"{string.code}\n{result['error']}"
        string.check(kept, result["output"])


def test_the_strings_are_counted(runs: list[Run]) -> None:
    strings = Counter(string.generator.__name__ for string in {run[0].code: run[0] for run in runs}.values())
    print(f"{len(runs)} runs of {strings.total()} strings: {dict(strings)}")
    assert strings.total() >= LEAST_STRINGS


def test_the_fresh_process_has_nothing_but_what_it_says(tmp_path: Path) -> None:
    tried = [CodeString(print, f"import {name}", tmp_path, (), print) for name in ("cnn", "sklearn", "streamlit")]
    warned = CodeString(print, "import warnings\nwarnings.warn('no')", tmp_path, (), print)
    fine = CodeString(print, "import numpy, PIL.Image", tmp_path, (), print)
    *refused, passed = run_strings([*tried, warned, fine], tmp_path / "run", modules_of(LEARNERS), [str(ROOT)])
    assert ["ModuleNotFoundError" in result["error"] for _, result, _ in refused] == [True, True, True, False]
    assert "UserWarning: no" in refused[-1][1]["error"] and passed[1]["error"] is None


def shown_code(node: ast.AST) -> ast.expr | None:
    """What a call shows as code: the first argument of ``st.code``, or ``code`` of ``page_foot``."""
    if not isinstance(node, ast.Call):
        return None
    if ast.unparse(node.func) == "st.code":
        return node.args[0]
    named = {keyword.arg: keyword.value for keyword in node.keywords if ast.unparse(keyword.value) != "None"}
    return named.get("code") if ast.unparse(node.func) == "page_foot" else None


def test_pages_show_no_code_but_that_of_these_generators() -> None:
    used: set[str] = set()
    for file in sorted((ROOT / "pages").rglob("*.py")):
        tree = ast.parse(file.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cnn.keras_code"):
                used |= {alias.name for alias in node.names}
            code = shown_code(node)
            if code is not None and file.name not in SHOW_OTHER_TEXT:
                shown = ast.unparse(code)
                names = {ast.unparse(call.func) for call in ast.walk(code) if isinstance(call, ast.Call)}
                if isinstance(code, ast.Name):  # assigned above, from calls of generators
                    names = {
                        ast.unparse(assigned.value.func)
                        for assigned in ast.walk(tree)
                        if isinstance(assigned, ast.Assign)
                        and ast.unparse(assigned.targets[0]) == shown
                        and isinstance(assigned.value, ast.Call)
                    }
                generators = names & {function.__name__ for function in GENERATORS} | names & {"package.predict_script"}
                assert generators, f"{file.name} shows {shown}, which no test runs"
    assert used - {"notebook"} == {function.__name__ for function in GENERATORS} - {"predict_script"}
