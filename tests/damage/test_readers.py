"""Every reader of the data folder, with one file of it corrupted in every way: a value or a sentence, and the rest.

The folder is one that version 0.1 left, because it has something of everything; what came since is added.
"""

import json
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from cnn import home as data_folder
from cnn.analysis import studies
from cnn.analysis.epoch_history import weights_of
from cnn.analysis.evaluation import label_votes
from cnn.data import catalog, class_balance
from cnn.data.class_balance import class_counts, majority_share
from cnn.data.own import own_datasets
from cnn.errors import CnnError
from cnn.jobs import queue, record
from cnn.model import store
from cnn.model.exchange import formats, package, understood
from cnn.model.final_exam import read_final_exam
from cnn.model.pretrained_bases import BASES
from cnn.requests import names, runs
from cnn.stored_files import read_array
from cnn.training import duration_estimate
from cnn.training.config import TrainConfig
from cnn.training.curve_diagnosis import diagnose_curves
from cnn.training.curves.run_facts import run_facts
from cnn.training.run_summary import read_watched_images, share_done, summarise_run
from cnn.training.transfer_config import config_of
from cnn.training.transfer_features import features_file, load_features
from tools.faults.corruptions import corruptions, restore

VISITOR, DATASET = "visitor-of-version-0-1", "own-VuoBxcazJDgyjZ1B-_PzgQ"
RUN, HEALTHY = "zsrFULq3KEzBgb4DzXgI1w", "healthy-run-0000000000"
FORMAT = "tflite"
ROOT = Path(__file__).parents[1]

FILES = [
    "format.json",
    "engine.json",
    *(f"runs/{RUN}/{name}" for name in ("config.json", "status.json", "card.json", "events.jsonl", "watched.npz")),
    *(f"runs/{RUN}/{split}_probabilities.npy" for split in ("validation", "test")),
    f"runs/{RUN}/studies/robustness-1795895698-a3a6bf43.npz",
    f"runs/{RUN}/exports/{FORMAT}.json",
    f"runs/{RUN}/final_exam_looks.txt",
    f"runs/{RUN}/understood.json",
    f"data/{DATASET}/info.json",
    f"data/{DATASET}/splits.json",
    *(f"data/{DATASET}/{part}.{what}" for part in ("train", "test") for what in ("labels.npy", "images.npy")),
    *(f"data/{DATASET}/train.{what}" for what in ("offsets.npy", "photos.bin")),
    f"data/{DATASET}/validation.npy",
    f"votes/{DATASET}.jsonl",
    "features/",
]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A ``CNN_HOME`` with every file of ``FILES``, all of them sound."""
    folder = tmp_path_factory.mktemp("everything")
    with zipfile.ZipFile(ROOT / "home_of_version_0_1.zip") as archive:
        archive.extractall(folder)
    run = folder / "runs" / RUN
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(folder))
        (run / "final_exam_looks.txt").write_text("1795895700\n1795895800\n")
        card = store.card(RUN)
        result = {"bytes": 9, "images": "test images", "count": 2, "same": 2, "largest": 0.01, "created": card.created}
        (run / "exports").mkdir()
        (run / "exports" / f"{FORMAT}.json").write_text(json.dumps(result))
        formats.export_file(card, FORMAT).touch()
        layer = {"name": "flatten", "kind": "Flatten", "output": [4], "parameters": 0}
        (run / "understood.json").write_text(
            json.dumps(
                {"name": "n", "version": "3", "input_shape": [8, 8, 3], "outputs": 2, "ending": "logits"}
                | {"parameters": 9, "layers": [layer], "left_out": [], "repeated": ["flatten"]}
            )
        )
        label_votes.cast(DATASET, "test", 1, VISITOR, 0)
        (folder / "votes" / f"{DATASET}.jsonl").write_text(
            '{"type": "vote", "image": 1, "voter": "somebody", "label": 0}\n'
        )
        (folder / "engine.json").write_text('{"slots": 2, "pid": 9}')
        (folder / "format.json").write_text('{"format": 1}')
        features = features_file(DATASET, "built-in")
        features.parent.mkdir()
        counts = {"train": 6, "validation": 2, "test": 2}
        size = BASES["built-in"].features
        np.savez(features, **{split: np.ones((count, size), np.float16) for split, count in counts.items()})
        shutil.copytree(run, folder / "runs" / HEALTHY)
        yield folder


def file_in(folder: Path, name: str) -> Path:
    return features_file(DATASET, "built-in") if name.startswith("features/") else folder / name


def with_card(read: Callable[[store.Card], object]) -> Callable[[], object]:
    return lambda: read(store.card(RUN))


def draw_run() -> None:
    job = queue.read(RUN)
    summary, config = summarise_run(queue.read_events(RUN)[0]), config_of(job.settings)
    share_done(summary)
    facts = run_facts(config, (summary.start or {}).get("validation"))
    diagnose_curves(summary.epochs, facts, diverged=summary.diverged)
    json.dumps([summary.start, summary.epochs, summary.batches, summary.test], allow_nan=False).encode()


def read_data_set() -> None:
    info = catalog.info(DATASET)
    f"{info.train:,} {info.title}".encode()
    for split in ("train", "validation", "test"):
        found = catalog.load(DATASET, split)
        [found.image(position) for position in range(len(found))]
        found.take(range(len(found)))
        assert all(0 <= label < len(info.class_names) for label in found.labels)
        majority_share(DATASET, split)
        class_counts(DATASET, split)
    own_datasets.class_counts(DATASET, "train")
    own_datasets.near_twins_note(DATASET)


def describe_card(card: store.Card) -> None:
    f"{card.title} {card.parameters:,} {card.network} {card.one_logit}".encode()
    time.localtime(card.created)
    assert 0 <= card.validation_accuracy <= 1
    exam = read_final_exam(card)
    time.localtime(exam.opened)
    if not card.brought:
        config_of(card.config)


PLANNED = TrainConfig()
READERS: dict[str, Callable[[], object]] = {
    "jobs": lambda: [json.dumps(job.settings, allow_nan=False) for job in queue.jobs()],
    "job": lambda: queue.read(RUN),
    "queue": lambda: (queue.waiting(), queue.forecast(VISITOR), queue.queue_position(RUN), queue.slots()),
    "names": lambda: names.free_model_name("Finished run", VISITOR),
    "runs": lambda: (runs.latest_run(VISITOR, DATASET), runs.finished_runs(VISITOR, DATASET)),
    "curves": draw_run,
    "cards": lambda: [describe_card(card) for card in store.cards(VISITOR)],
    "card": with_card(describe_card),
    "taken away": with_card(package.card_for_export),
    "epochs": with_card(weights_of),
    "study": with_card(lambda card: studies.result(card, "robustness", {})),
    "export": with_card(lambda card: formats.export_result(card, FORMAT)),
    "watched": lambda: read_watched_images(queue.read(RUN).folder, 2),
    "answers": with_card(
        lambda card: [
            read_array(card.folder / f"{split}_probabilities.npy", (2, 2), 0, 1) for split in ("validation", "test")
        ]
    ),
    "duration": lambda: duration_estimate.seconds(PLANNED),
    "understood": lambda: understood.read_understood(record.runs_folder() / RUN),
    "own data sets": lambda: own_datasets.names(VISITOR),
    "data set": read_data_set,
    "votes": lambda: label_votes.read(DATASET, "test"),
    "features": lambda: load_features(DATASET, "built-in"),
}


def forget_what_was_read() -> None:
    """As a server that has just started; what is kept by the version of a file need not be forgotten."""
    for cache in (data_folder._check_format, catalog._read, class_balance._count):
        cache.cache_clear()


def readers_of(name: str) -> dict[str, Callable[[], object]]:
    """The readers that can meet this file: one of a run, of a data set, or any other."""
    if name.startswith("data/"):
        return {
            reader: READERS[reader] for reader in ("own data sets", "data set", "names", "features", "cards", "curves")
        }
    if name.startswith("runs/"):
        apart = {"own data sets", "data set", "votes", "features"}
        apart |= set() if name.endswith(("card.json", "config.json", "status.json")) else {"duration"}
        return {reader: read for reader, read in READERS.items() if reader not in apart}
    return READERS


@pytest.fixture
def home(everything: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNN_HOME", str(everything))
    forget_what_was_read()
    return everything


@pytest.mark.parametrize("name", FILES)
def test_a_corrupted_file_gives_a_value_or_a_sentence_and_leaves_the_others_alone(name: str, home: Path) -> None:
    path = file_in(home, name)
    sound, faults = path.read_bytes(), []
    for corruption in list(corruptions(path)):
        corruption.apply(path)
        forget_what_was_read()
        for reader, read in readers_of(name).items():
            try:
                read()
            except CnnError as error:
                str(error).encode()
            except Exception as error:
                faults.append(f"{corruption.name}: {reader}: {type(error).__name__}: {str(error)[:80]}")
        if name != "format.json":
            assert HEALTHY in [job.id for job in queue.jobs()]
            if not name.startswith("data/"):
                assert HEALTHY in [card.id for card in store.cards(VISITOR)]
        restore(path, sound)
    assert not faults, "\n".join(faults)


def test_sound_files_are_read(home: Path) -> None:
    silent = {name for name, read in READERS.items() if read() is None}
    assert silent == {"curves", "card", "data set"}  # these return nothing when all went well
    assert {split: len(catalog.load(DATASET, split)) for split in ("train", "validation", "test")} == {
        "train": 6,
        "validation": 2,
        "test": 2,
    }
