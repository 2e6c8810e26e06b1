"""Files of every kind damaged in the data folder of a running server, beside a run that goes on."""

import os
import shutil
from pathlib import Path

from cnn.jobs import queue
from cnn.jobs.record import runs_folder
from cnn.requests.usage import usage_by_workspace
from tools.faults.corruptions import corruptions
from tools.faults.kills import run_in_training
from tools.faults.run_watch import NotHeld, Weights, check_finished, queue_run, wait_for_state
from tools.faults.visit import PAGES, open_pages

FILES = (
    *("config.json", "status.json", "card.json", "events.jsonl", "watched.npz", "validation_probabilities.npy"),
    *("test_probabilities.npy", "model.keras", "epochs/4.weights.h5"),
)
MOST_OF_A_FILE = 40  # every kind of damage for most files; of fields of JSON, some


def damage_files(address: str, reference: Weights) -> str:
    """Put hundreds of runs, each with one damaged file, beside one that trains, and open pages on them."""
    healthy = queue_run()
    sound = wait_for_state(healthy, "finished").folder
    trains = run_in_training()
    damaged = [id for file in FILES for id in _damaged_copies(sound, file)]
    opened = 0
    for number, id in enumerate(damaged[:: len(damaged) // 40]):
        opened += open_pages(address, f"model={id}&run={id}&level=lab", (PAGES[number % len(PAGES)],))
    opened += open_pages(address, f"model={healthy}&run={healthy}")
    if healthy not in [job.id for job in queue.jobs()]:
        raise NotHeld("The healthy run is no longer listed.")
    usage_by_workspace()
    said = check_finished(trains, reference)
    after = check_finished(queue_run(), reference)
    for id in damaged:
        shutil.rmtree(runs_folder() / id, ignore_errors=True)
    return f"{len(damaged)} damaged runs, {opened} pages opened; the run beside them {said}, the next one {after}"


def damage_running_run(reference: Weights) -> str:
    """Damage the status of a run while it trains: it is lost, and the next one runs."""
    id = run_in_training()
    (queue.read(id).folder / "status.json").write_text('{"state": "running", "attempt": Infinity}')
    said = check_finished(queue_run(), reference)
    shutil.rmtree(runs_folder() / id, ignore_errors=True)
    return f"it is damaged and given up; the next run {said}"


def _damaged_copies(sound: Path, file: str) -> list[str]:
    kinds = list(corruptions(sound / file))
    ids = []
    for index, kind in enumerate(kinds[:: max(1, len(kinds) // MOST_OF_A_FILE)]):
        id = f"damaged-{file.replace('/', '-').replace('.', '-')}-{index:04}"
        folder = runs_folder() / f".{id}.partial"
        shutil.copytree(sound, folder, copy_function=os.link)  # damage replaces files, and leaves the linked one alone
        kind.apply(folder / file)
        folder.rename(runs_folder() / id)
        ids.append(id)
    return ids
