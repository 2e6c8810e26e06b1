"""The command line, called in process: training runs on a few images, and a trained network with known answers."""

import io
import json
import re
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from cnn import __main__ as command_line
from cnn.analysis.evaluation.intervals import in_words
from cnn.data import catalog
from cnn.errors import ConfigError, DatasetError
from cnn.jobs import queue
from cnn.jobs.record import write_status
from cnn.model import predict, store
from cnn.model.exchange import admission
from cnn.model.final_exam import read_final_exam
from cnn.training import transfer_fit
from cnn.training.config import TrainConfig
from tests.data.own.test_name_encoding import undeclared_zip
from tests.data.own.uploads import encode_random_image, import_zip, make_two_classes, make_zip

TINY = ("train", "--architecture", "dense", "--training-images", "64", "--batch-size", "32")
NETWORK = "digits-tutorial"


class Screen(io.TextIOWrapper):
    """Standard output, in strict UTF-8 like a terminal's, that calls ``then`` once it has shown ``until``."""

    def __init__(self, *, until: str | None = None, then: Callable[[], None] | None = None, terminal: bool = False):
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)
        self._until, self._then, self._terminal = until, then, terminal

    def isatty(self) -> bool:
        return self._terminal

    def write(self, text: str) -> int:
        written = super().write(text)
        if self._then and self._until in text:
            then, self._then = self._then, None
            then()
        return written

    @property
    def text(self) -> str:
        return self.buffer.getvalue().decode()


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> list[dict[str, Any]]:
        return [json.loads(line, parse_constant=pytest.fail) for line in self.out.splitlines()]


def run(*arguments: object, screen: Screen | None = None) -> Result:
    screen, errors = screen or Screen(), Screen()
    with redirect_stdout(screen), redirect_stderr(errors):
        code = command_line.main([str(argument) for argument in arguments])
    return Result(code, screen.text, errors.text)


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def visible(text: str) -> list[str]:
    """The lines that a terminal finally shows, after carriage returns and cleared lines."""
    lines = []
    for line in text.split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part.removeprefix("\033[K") if part.startswith("\033[K") else part + shown[len(part) :]
        lines.append(shown.rstrip())
    return [line for line in lines if line]


@pytest.fixture(autouse=True)
def working_folder(tmp_path, monkeypatch):
    """An empty working folder, and Python's own handler of Ctrl-C, restored afterwards."""
    monkeypatch.chdir(tmp_path)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield tmp_path
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def half_prepared(cnn_home, laid_out_digits):
    """``digits`` in TFDS' format but not laid out: the last step of its preparation is missing."""
    (cnn_home / "tfds").symlink_to(laid_out_digits / "tfds")


@pytest.fixture(scope="module")
def trained(laid_out_digits, tmp_path_factory) -> tuple[Path, Result]:
    """A model's folder, and the output of its training with ``--json``."""
    folder = tmp_path_factory.mktemp("trained") / "own"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(laid_out_digits))
        before = signal.getsignal(signal.SIGINT)
        result = run(*TINY, "--epochs", 2, "--seed", 3, "--learning-rate", 0.002, "--output", folder, "--json")
        signal.signal(signal.SIGINT, before)
    return folder, result


@pytest.fixture(scope="module")
def photos(laid_out_digits, tmp_path_factory) -> list[Path]:
    """The first four test digits as files."""
    folder = tmp_path_factory.mktemp("photos")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(laid_out_digits))
        test = catalog.load("digits", "test")
    files = [folder / f"digit {index}.png" for index in range(4)]
    for index, file in enumerate(files):
        Image.fromarray(test.image(index)[..., 0]).save(file)
    return files


@pytest.fixture(scope="module")
def broken(photos) -> list[Path]:
    """Photos that cannot be read: text, a truncated file, a folder, a missing file."""
    folder = photos[0].parent
    (folder / "notes.jpg").write_text("not a picture")
    (folder / "half.png").write_bytes(photos[0].read_bytes()[:-40])
    (folder / "album.png").mkdir()
    return [folder / name for name in ("notes.jpg", "half.png", "album.png", "missing.png")]


# train


def test_training_prints_its_events_as_json_and_logs_them(trained):
    folder, result = trained
    assert (result.code, result.err) == (0, "")
    assert result.json == [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    kinds = [event["type"] for event in result.json if event["type"] != "batch"]
    assert kinds == ["start", "epoch", "epoch", "test"]
    assert [event["epoch"] for event in result.json if event["type"] == "epoch"] == [1, 2]
    assert result.json[0]["train"] == 64


def test_card_of_a_trained_model_holds_the_settings(trained):
    folder, result = trained
    card = store.card_in(folder)
    config = TrainConfig.from_dict(card.config)
    assert (config.epochs, config.batch_size, config.training_images, config.seed) == (2, 32, 64, 3)
    assert (config.dataset, config.network.name, config.learning_rate) == ("digits", "dense", 0.002)
    test = result.json[-1]
    assert card.test == (test["correct"], test["count"])
    assert test["count"] == 360


EPOCH = r"epoch 1: loss \d\.\d{3}, accuracy \d+\.\d %, validation \d+\.\d %, \d+\.\d s"


def test_optimiser_decay_and_mixtures_are_options_of_training(digits, working_folder):
    options = ("--optimizer", "adamw", "--label-smoothing", "0.1", "--mix-up", "0.2", "--cut-mix", "1")
    assert run(*TINY, "--epochs", "1", *options, "--output", "mixed").code == 0
    config = TrainConfig.from_dict(json.loads((Path("mixed") / "card.json").read_text())["config"])
    assert (config.optimizer, config.weight_decay) == ("adamw", 0.004)
    assert (config.label_smoothing, config.mix_up, config.cut_mix) == (0.1, 0.2, 1.0)


def test_training_on_a_terminal_updates_one_line_and_ends_with_a_sentence(digits, working_folder):
    result = run(*TINY, "--epochs", 1, screen=Screen(terminal=True))
    assert (result.code, result.err) == (0, "")
    assert re.search(r"\r  epoch 1\.00  loss \d\.\d{3}  \d+ images/s  \d+ s left", result.out)
    correct, count = store.card_in(working_folder / "digits-dense").validation
    epoch, saved, sealed = visible(result.out)
    assert re.fullmatch(EPOCH, epoch)
    assert saved == f"Saved in digits-dense: {100 * correct / count:.1f} % of the validation images right."
    assert sealed.endswith("python -m cnn evaluate --model digits-dense")


def test_ctrl_c_while_training_into_a_pipe_keeps_the_completed_epochs(digits, working_folder):
    screen = Screen(until="epoch 1: ", then=press_ctrl_c)
    result = run(*TINY, "--epochs", 50, screen=screen)
    assert (result.code, result.err) == (130, "")
    assert re.fullmatch(EPOCH + "\n", result.out)
    folder = working_folder / "digits-dense"
    assert store.card_in(folder).epochs == 1
    with (folder / "model.keras").open("rb") as file:
        assert admission.check_model_file(file, "model.keras").card["epochs"] == 1  # it can be brought into the app
    assert json.loads((folder / "events.jsonl").read_text().splitlines()[-1])["type"] == "test"
    assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL  # a second Ctrl-C takes effect at once


def test_ctrl_c_in_the_first_epoch_leaves_no_model(digits, working_folder):
    screen = Screen(until='"type": "start"', then=press_ctrl_c)
    result = run(*TINY, "--output", "stopped", "--json", screen=screen)
    assert (result.code, result.err) == (130, "")
    assert not (working_folder / "stopped" / "card.json").exists()


def test_training_starts_afresh_in_the_folder_of_a_killed_run(digits, working_folder):
    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    with pytest.raises(Killed):
        screen = Screen(until='"type": "batch", "epoch": 2.0', then=kill)
        run(*TINY, "--epochs", 2, "--seed", 1, "--output", "own", "--json", screen=screen)
    result = run(*TINY, "--epochs", 1, "--seed", 2, "--output", "own", "--json")
    assert result.code == 0
    assert result.json[0]["first_epoch"] == 0
    assert [event["epoch"] for event in result.json if event["type"] == "epoch"] == [1]
    assert store.card_in(working_folder / "own").config["seed"] == 2


# predict


def assert_answers(lines: list[dict[str, Any]], files: list[Path], indices: list[int]) -> None:
    """Check each line against the probabilities stored for this test image when the network was trained."""
    stored = np.load(store.card(NETWORK).folder / "test_probabilities.npy").astype(float)
    for line, file, index in zip(lines, files, indices, strict=True):
        assert list(line) == ["file", "class", "probability", "top"]
        assert line["file"] == str(file)
        assert all(list(entry) == ["class", "probability"] for entry in line["top"])
        assert line["top"][0] == {"class": line["class"], "probability": line["probability"]}
        best = np.argsort(-stored[index])[:3]
        assert line["class"] == str(best[0])
        assert [entry["probability"] for entry in line["top"]] == pytest.approx(stored[index][best], abs=2e-3)


def test_photos_get_the_answers_stored_for_the_same_test_images(photos):
    result = run("predict", "--model", NETWORK, "--json", *photos)
    assert (result.code, result.err) == (0, "")
    assert_answers(result.json, photos, [0, 1, 2, 3])


def test_broken_and_missing_photos_do_not_affect_the_others(photos, broken):
    mixed = [broken[0], photos[2], *broken[1:], photos[1]]
    result = run("predict", "--model", NETWORK, "--json", *mixed)
    assert (result.code, result.err) == (1, "")
    assert [line["file"] for line in result.json] == [str(file) for file in mixed]
    answered = [line for line in result.json if "error" not in line]
    assert_answers(answered, [photos[2], photos[1]], [2, 1])
    refused = [line for line in result.json if "error" in line]
    assert all(list(line) == ["file", "error"] for line in refused)
    for line, file in zip(refused, broken, strict=True):
        assert file.name in line["error"]
        assert re.search(r"expected|[Nn]o such file|[Ii]s a directory", line["error"])

    text = run("predict", "--model", NETWORK, *mixed)
    assert (text.code, text.err) == (1, "")
    for line, printed in zip(result.json, text.out.splitlines(), strict=True):
        top = [f"{entry['class']} {100 * entry['probability']:.0f} %" for entry in line.get("top", [])]
        assert printed == line.get("error", f"{line['file']}: {', '.join(top)}")


def test_file_names_need_not_be_valid_utf8(photos, working_folder):
    name = b"caf\xe9.png".decode(errors="surrogateescape")
    shutil.copy(photos[0], name)
    result = run("predict", "--model", NETWORK, "--json", name, "\udce9.png")
    assert result.code == 1
    assert [line["file"] for line in result.json] == [name, "\udce9.png"]
    assert run("predict", "--model", NETWORK, name).out.startswith(r"caf\udce9.png: ")


@pytest.mark.parametrize("reference", ["folder", "run"])
def test_own_model_is_found_by_its_folder_or_its_runs_id(trained, photos, reference):
    folder, _ = trained
    name = str(folder)
    if reference == "run":
        name = queue.submit("train", TrainConfig().to_dict(), workspace="w", name="Mine")
        for file in ("model.keras", "card.json"):
            shutil.copy(folder / file, queue.read(name).folder)
    result = run("predict", "--model", name, "--json", photos[0])
    assert (result.code, result.err) == (0, "")
    answer = np.load(folder / "test_probabilities.npy")[0]
    assert result.json[0]["class"] == str(answer.argmax())
    assert result.json[0]["probability"] == pytest.approx(float(answer.max()), abs=2e-3)


def test_ctrl_c_between_photos_ends_without_a_traceback(photos):
    screen = Screen(until="digit 1", then=press_ctrl_c)
    result = run("predict", "--model", NETWORK, "--json", *photos, screen=screen)
    assert (result.code, result.err) == (130, "")
    assert [line["file"] for line in result.json] == [str(photo) for photo in photos[:2]]


# evaluate


def test_evaluation_of_a_model_agrees_with_its_card(digits, trained, monkeypatch):
    monkeypatch.setattr(command_line, "EVALUATION_BATCH", 100)
    folder, _ = trained
    correct, count = store.card_in(folder).test
    result = run("evaluate", "--model", folder, "--json")
    assert (result.code, result.err) == (0, "")
    assert result.json == [{"model": "own", "correct": correct, "count": count, "accuracy": correct / count}]
    result = run("evaluate", "--model", folder)
    assert (result.code, result.err) == (0, "")
    assert result.out == f"own: {in_words(correct, count)}, 360 test images\n"
    assert read_final_exam(store.card_in(folder)).looks == 2


def test_ctrl_c_while_evaluating_ends_it(digits, trained, monkeypatch):
    calls = []
    real_predictor = predict.predictor

    def interrupted_predictor(*arguments):
        predict_images = real_predictor(*arguments)

        def predict_and_interrupt(images):
            calls.append(len(images))
            press_ctrl_c()
            return predict_images(images)

        return predict_and_interrupt

    monkeypatch.setattr(command_line, "EVALUATION_BATCH", 100)
    monkeypatch.setattr(predict, "predictor", interrupted_predictor)
    assert run("evaluate", "--model", trained[0], "--json") == (130, "", "")
    assert calls == [100]


# status


def test_status_says_who_holds_what_and_the_limits(monkeypatch) -> None:
    ann, bob = "a" * 22, "b" * 22
    monkeypatch.setenv("CNN_JOBS_WAITING", "17")
    jobs = [queue.submit("train", {}, workspace=owner, name="Run") for owner in (ann, ann, ann, bob)]
    write_status(queue.read(jobs[0]).folder, "running", attempt=1)
    write_status(queue.read(jobs[1]).folder, "finished", attempt=1)
    (queue.read(jobs[1]).folder / "model.keras").write_bytes(bytes(3 * 2**20))
    import_zip(queue.read(jobs[3]).folder, make_two_classes(), workspace=bob)
    held = json.loads(run("status", "--json").out)
    first, second = held["visitors"]
    assert (first["workspace"], second["workspace"]) == ("aaaaaaaa", "bbbbbbbb")
    assert (first["running"], first["waiting"], first["runs"], first["own_sets"]) == (1, 1, 1, 0)
    assert (second["running"], second["waiting"], second["runs"], second["own_sets"]) == (0, 1, 0, 1)
    assert 3 * 2**20 < first["run_bytes"] < 3.1 * 2**20
    assert second["own_bytes"] > 10_000
    assert held["waiting"] == 2
    assert held["limits"]["CNN_JOBS_WAITING"] == 17
    lines = run("status").out.splitlines()
    assert [line.split() for line in lines if line.startswith("aaaaaaaa")] == [
        ["aaaaaaaa", "1", "1", "1", "3.0", "0", "0.0"]
    ]
    assert next(line.split()[:4] for line in lines if line.startswith("all ")) == ["all", "1", "2", "1"]
    assert "Jobs that wait: 2" in lines
    assert any(re.match(r"CNN_JOBS_WAITING +17 jobs", line) for line in lines)
    assert not any(ann in line or bob in line for line in lines)  # with the whole id one could act in its name


def test_status_announces_what_will_be_swept_and_names_what_only_a_person_can_delete(cnn_home, monkeypatch) -> None:
    id = queue.submit("train", {}, workspace="a" * 22, name="Run")
    write_status(queue.read(id).folder, "finished", attempt=1)
    (cnn_home / "runs" / "nobody-knows-whose-000").mkdir()
    assert "Runs to be deleted within 14 days: none" in run("status").out
    monkeypatch.setenv("CNN_SWEEP_DAYS", "13")
    held = json.loads(run("status", "--json").out)
    assert [(swept["id"], swept["workspace"]) for swept in held["to_be_swept"]] == [(id, "aaaaaaaa")]
    assert held["to_be_swept"][0]["at"] == pytest.approx(time.time() + 13 * 24 * 3600, abs=60)
    out = run("status").out
    assert re.search(r"unless their browser comes back or stars them: 1\naaaaaaaa +1  from \d\d \w+ \d{4} on", out)
    assert str(cnn_home / "runs" / "nobody-knows-whose-000") in out


def test_status_of_an_empty_server() -> None:
    lines = run("status").out.splitlines()
    assert next(line.split() for line in lines if line.startswith("all ")) == ["all", "0", "0", "0", "0.0", "0", "0.0"]


# datasets


def test_data_sets_are_listed_with_their_state(digits):
    result = run("datasets", "--json")
    assert (result.code, result.err) == (0, "")
    assert all(list(entry) == ["name", "title", "train", "test", "prepared"] for entry in result.json)
    assert [entry["name"] for entry in result.json] == catalog.names()
    assert [entry["name"] for entry in result.json if entry["prepared"]] == ["digits"]
    assert list(result.json[0].values()) == ["digits", "Handwritten digits", 1437, 360, True]
    lines = run("datasets").out.splitlines()
    assert [line.split()[0] for line in lines] == catalog.names()
    states = [line[18:].split("  ")[0].strip() for line in lines]
    assert states == ["prepared", "built in", "built in", *["to be downloaded or found"] * 4]


def test_preparation_clears_its_progress_before_the_list(half_prepared):
    result = run("datasets", "--prepare", "digits", screen=Screen(terminal=True))
    assert (result.code, result.err) == (0, "")
    assert catalog.is_prepared("digits")
    assert "1,797 of 1,797 images" in result.out
    assert visible(result.out) == run("datasets").out.splitlines()


@pytest.mark.parametrize(
    "command", [("datasets", "--prepare", "digits"), TINY, ("evaluate", "--model", NETWORK)], ids=lambda c: c[0]
)
def test_ctrl_c_while_preparing_leaves_nothing_half_finished(half_prepared, working_folder, command):
    screen = Screen(until='"type": "progress"', then=press_ctrl_c)
    result = run(*command, "--json", screen=screen)
    assert (result.code, result.err) == (130, "")
    assert {line["type"] for line in result.json} == {"progress"}
    assert not catalog.is_prepared("digits")
    assert list(working_folder.iterdir()) == []


# images


def test_a_zip_of_images_is_described_line_by_line(tmp_path):
    path = tmp_path / "things.zip"
    more = {"notes.txt": b"ours", ".DS_Store": b"x"}
    path.write_bytes(undeclared_zip(["猫", "狗", "鸟"], "gbk", more).getvalue())
    result = run("images", path, "--json")
    assert (result.code, result.err) == (1, "")
    assert result.json[0]["encoding"] == "gbk"
    assert [line for line in result.json if "class" in line] == [
        {"class": name, "count": 6} for name in sorted(["猫", "狗", "鸟"])
    ]
    (refused,) = (line for line in result.json if "reason" in line)
    assert refused["file"] == "notes.txt"
    assert "lies in no folder" in refused["reason"]
    assert any("Left out: 1 file" in line.get("note", "") for line in result.json)
    text = run("images", path).out.splitlines()
    assert text[0].startswith("encoding: gbk (also possible: ")
    assert "猫: 6 images" in text
    assert run("images", path, "--encoding", "cp866", "--json").json[0]["encoding"] == "cp866"


def test_a_folder_is_read_as_a_zip_of_it_is(tmp_path):
    folder = tmp_path / "set"
    for name, data in make_two_classes().items():
        file = folder / Path(name).relative_to("things")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    (folder / "Cup").mkdir()
    (folder / "Cup" / "more.jfif").write_bytes(encode_random_image(7, form="JPEG"))
    shutil.make_archive(str(folder), "zip", folder)
    lines = run("images", folder, "--json").json
    assert lines == run("images", f"{folder}.zip", "--json").json
    assert {line["class"]: line["count"] for line in lines if "class" in line} == {"bowl": 6, "Cup": 1, "cup": 6}
    assert any("“cup” and “Cup” differ" in line.get("question", "") for line in lines)
    assert any("Of “Cup” only 1 can be used" in line.get("problem", "") for line in lines)
    joined = run("images", folder, "--join-case", "--json")
    assert (joined.code, [line["count"] for line in joined.json if "class" in line]) == (0, [6, 7])


def test_an_inner_folder_is_asked_about_and_the_answer_honoured(tmp_path):
    path = tmp_path / "things.zip"
    folders = [f"{name}/img/{number}.png" for name in ("cats", "dogs") for number in range(6)]
    path.write_bytes(make_zip({name: encode_random_image(n) for n, name in enumerate(folders)}).getvalue())
    lines = run("images", path, "--json").json
    assert lines[1] == {"layout": "outer", "possible": ["outer", "inner"]}
    assert [line for line in lines if "class" in line] == [{"class": "cats", "count": 6}, {"class": "dogs", "count": 6}]
    (question,) = (line["question"] for line in lines if "question" in line)
    assert "with --layout inner there is one class: “img”" in question
    inner = run("images", path, "--layout", "inner", "--json")
    assert [line for line in inner.json if "class" in line] == [{"class": "img", "count": 12}]
    assert (inner.code, "All images are of one class, “img”" in inner.json[-1]["problem"]) == (1, True)


def test_what_is_no_zip_or_folder_is_reported(tmp_path):
    (tmp_path / "essay.txt").write_text("mine")
    assert "no file or folder" in run("images", tmp_path / "missing").err
    assert "not a whole zip file" in run("images", tmp_path / "essay.txt").err


# a model is not written over, may stand on a base, and goes into the app


def test_an_earlier_model_is_not_written_over_without_force(trained, working_folder):
    shutil.copytree(trained[0], working_folder / "own")
    before = (working_folder / "own" / "model.keras").read_bytes()
    result = run(*TINY, "--epochs", 1, "--output", "own")
    assert (result.code, result.out) == (2, "")
    assert "There is a model in own already" in result.err
    assert (working_folder / "own" / "model.keras").read_bytes() == before


def test_with_force_a_model_stays_when_its_data_set_cannot_be_prepared(trained, working_folder, monkeypatch):
    shutil.copytree(trained[0], "own")
    before = {file.name: file.read_bytes() for file in Path("own").iterdir() if file.is_file()}

    def fail(*arguments: object) -> None:
        raise DatasetError("There is no room on the disk.")

    monkeypatch.setattr(catalog, "prepare", fail)
    assert run(*TINY, "--epochs", 1, "--output", "own", "--force").code == 2
    assert {file.name: file.read_bytes() for file in Path("own").iterdir() if file.is_file()} == before


def test_force_writes_over_it(digits, trained, working_folder):
    shutil.copytree(trained[0], working_folder / "own")
    assert run(*TINY, "--epochs", 1, "--output", "own", "--force").code == 0
    assert store.card_in(working_folder / "own").epochs == 1


def test_a_trained_model_can_be_brought_into_the_app(trained):
    folder, _ = trained
    with (folder / "model.keras").open("rb") as file:
        checked = admission.check_model_file(file, "model.keras")
    assert (checked.title, checked.card["dataset"], checked.card["epochs"]) == ("own", "digits", 2)


def test_a_head_is_trained_on_a_base_and_its_top_layers_are_tuned(digits, working_folder, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(working_folder / "keras"))
    options = ["--base", "built-in", "--unfreeze", 2, "--epochs", 1, "--seed", 3, "--output", "based"]
    configs = []

    def fit_transfer(config, folder, report, should_stop):
        configs.append(config)
        raise ConfigError("far enough")

    monkeypatch.setattr(transfer_fit, "fit_transfer", fit_transfer)
    assert "far enough" in run("train", *options).err
    (config,) = configs
    assert (config.base, config.tuned_layers, config.head_epochs, config.seed) == ("built-in", 2, 1, 3)
    assert "leave out one of the two" in run("train", *options, "--schedule", "cosine").err
    assert "far enough" in run("train", *options, "--optimizer", "rmsprop", "--learning-rate", "0.0001").err
    assert (configs[-1].optimizer, configs[-1].learning_rate) == ("rmsprop", 1e-4)
    assert "choose one of adam, rmsprop" in run("train", *options, "--optimizer", "sgd").err
    assert "give one with --base" in run("train", "--unfreeze", 2).err
    assert "no base called “vgg”" in run("train", "--base", "vgg").err


def test_every_option_of_training_says_its_default(capsys):
    with pytest.raises(SystemExit):
        command_line.main(["train", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for option in re.findall(r"\[(--[a-z-]+)", text.split("options:")[0]):
        if option not in ("--json", "--help"):
            described = text.split("options:")[1].split(f" {option} ", 1)[1].split(" --", 1)[0]
            assert "(default: " in described, option


# errors


def test_error_for_an_unavailable_data_set_tells_what_to_do():
    result = run("train", "--dataset", "mnist", "--json")
    assert result.code == 2
    sentence = json.loads(result.err)["error"]
    assert sentence.startswith("MNIST could not be fetched: ")
    assert "TFDS_DATA_DIR" in sentence
    assert not any(event["type"] != "progress" for event in result.json)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("train --dataset cifar11", "no data set called “cifar11”"),
        ("train --architecture vgg", "no architecture called “vgg”"),
        ("train --epochs 0", "Epochs: 0 is not possible"),
        ("train --mix-up 2", "MixUp: 2.0 is not possible"),
        ("train --batch-size 65 --training-images 64", "A batch of 65 is larger than the 64 training images"),
        ("train --learning-rate nan", "Learning rate: nan is not possible"),
        ("train --schedule step", "“step” is not known"),
        ("train --augmentation wild", "no augmentation called “wild”"),
        ("train --training-images 0", "Training images: 0 is not possible"),
        ("train --seed -1", "Seed: -1 is not possible"),
        ("predict --model nobody photo.png", "no model called “nobody”"),
        ("predict --model ../etc photo.png", "no model called “../etc”"),
        (f"predict --model {'x' * 300} photo.png", "x" * 40),
        ("evaluate --model nobody", "no model called “nobody”"),
        ("datasets --prepare cifar11", "no data set called “cifar11”"),
    ],
)
def test_invalid_argument_is_reported_in_one_sentence(working_folder, arguments, sentence):
    text, lines = run(*arguments.split()), run(*arguments.split(), "--json")
    assert (text.code, text.out) == (lines.code, lines.out) == (2, "")
    assert sentence in text.err
    assert text.err.count("\n") == 1
    assert json.loads(lines.err) == {"error": text.err.removesuffix("\n")}
    assert list(working_folder.iterdir()) == []


def test_output_that_is_a_file_is_refused_and_left_unchanged(digits, working_folder):
    (working_folder / "essay.txt").write_text("mine")
    result = run(*TINY, "--output", "essay.txt")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "essay.txt" in result.err
    assert (working_folder / "essay.txt").read_text() == "mine"


@pytest.mark.parametrize("damaged", ["card.json", "model.keras"])
def test_damaged_model_is_reported_in_one_sentence(trained, working_folder, damaged):
    shutil.copytree(trained[0], working_folder / "model")
    (working_folder / "model" / damaged).write_text("{")
    result = run("predict", "--model", "model", "photo.png")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert re.search("no readable model in model|damaged or not a Keras model", result.err)


@pytest.mark.parametrize("arguments", ["", "fly", "predict", "train --epochs two"])
def test_invalid_command_line_shows_the_usage(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        command_line.main(arguments.split())
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m cnn")


def test_a_network_of_any_keras_is_brought_in(tmp_path: Path) -> None:
    import keras

    layers = [keras.layers.RandomFlip(), keras.layers.Conv2D(2, 3), keras.layers.GlobalAveragePooling2D()]
    original = keras.Sequential([keras.Input((16, 16, 3)), *layers, keras.layers.Dense(1, activation="sigmoid")])
    original.save(tmp_path / "mine.h5")
    command = ["import-model", tmp_path / "mine.h5", "--classes", "cat,dog", "--pixels=-1..1", "--json"]
    result = run(*command)
    assert result.code == 0, result.err
    (printed,) = result.json
    assert printed["class_names"] == ["cat", "dog"]
    assert (printed["pixels"], printed["ending"], printed["dataset"]) == ("-1..1", "sigmoid", "cats_vs_dogs")
    assert (printed["input_shape"], printed["outputs"]) == ([16, 16, 3], 1)
    assert printed["parameters"] == original.count_params() == 2 * 28 + 3
    assert [layer["kind"] for layer in printed["layers"]] == ["Conv2D", "GlobalAveragePooling2D", "Dense"]
    assert printed["left_out"] == ["RandomFlip"]
    batch = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    expected = np.asarray(original(batch / 127.5 - 1, training=False))[:, 0]
    np.testing.assert_allclose(predict.predictor(store.load(printed["id"]))(batch)[:, 1], expected, atol=1e-6)
    Image.fromarray(batch[0]).save(tmp_path / "photo.png")
    (answer,) = run("predict", tmp_path / "photo.png", "--model", printed["id"], "--json").json
    assert answer["class"] == ("dog" if expected[0] > 0.5 else "cat")
    refused = run(*command[:3], "cat,dog,cow", *command[4:])
    assert refused.code == 2
    assert "Received 3 names of classes" in json.loads(refused.err)["error"]
    refused = run(*command[:4], "--pixels=0..2", "--json")
    assert refused.code == 2
    assert "no scaling of pixels" in json.loads(refused.err)["error"]
    assert [job.id for job in queue.jobs()] == [printed["id"]]
