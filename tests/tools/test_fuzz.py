"""What visitors may send is withstood, whatever it is; and a case that is not withstood is noticed."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.fuzz.watched_case import MAX_MEGABYTES, MAX_SECONDS

ROOT = Path(__file__).parents[2]


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    # In a process of its own: what a process writes, once noted, is noted until its end.
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_sample_of_odd_files_addresses_and_widget_values_is_withstood() -> None:
    run = run_python("-m", "tools.fuzz", "--sample")
    assert run.returncode == 0, run.stdout + run.stderr[-4_000:]
    rows = run.stdout.splitlines()[-5:]
    assert sum(int(row.split()[1].replace(",", "")) for row in rows) == 1_500


BAD_CASES = {
    "raise ValueError('odd')": "ValueError: odd",
    "raise CnnError('a sentence')": "",
    f"b'x' * ({2 * int(MAX_MEGABYTES)} * 2**20)": "It took 6",
    "(folder.parent / 'evil').write_text('x')": "outside of its folder",
    "(folder.parent / 'evil').mkdir()": "outside of its folder",
    "(folder / 'fine').write_text('x')": "",
    "(folder / 'fine').rename(folder.parent / 'evil')": "outside of its folder",
    f"""
    from time import process_time
    start = process_time()
    while process_time() < start + {MAX_SECONDS} + 0.1:
        pass""": "It took 2.",
}
RUN_CASE = """
import sys, tempfile
from pathlib import Path
from cnn.errors import CnnError
from tools.fuzz.watched_case import run_case, watch_writes

def try_case(rng, folder):
    {}

tempfile.tempdir = str(folder := Path(sys.argv[1]))
watch_writes()
outcome = run_case(try_case, "name", folder)
print(outcome.problem or outcome.took_too_long)
"""


@pytest.mark.parametrize("action", BAD_CASES)
def test_what_must_not_happen_is_noticed(action: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "fine").touch()
    run = run_python("-c", RUN_CASE.format(action.strip()), str(folder))
    assert run.returncode == 0, run.stderr
    assert (BAD_CASES[action] in run.stdout) if BAD_CASES[action] else (run.stdout == "\n")
