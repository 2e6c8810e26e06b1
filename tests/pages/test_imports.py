"""What pages may import, measured in a new Python process."""

import subprocess
import sys
from pathlib import Path

import pytest

from pages.shell.menu import all_lessons
from tests.pages.opening import NAVIGATION, ROOT


def run_in_new_process(program: str, home: Path) -> subprocess.CompletedProcess:
    """Run a program in a new Python process, with an empty data folder."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": "", "HOME": str(home), "CNN_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


HEAVY = {"tensorflow", "keras", "matplotlib", "sklearn", "tensorflow_datasets", "distributed", "altair"}


@pytest.fixture(scope="module")
def imported(tmp_path_factory) -> tuple[set[str], set[str]]:
    """Which of ``HEAVY`` are imported when two plain pages have been shown, and when all lessons have."""
    files = [lesson.file for lesson in all_lessons()]
    program = (
        "import sys; from streamlit.testing.v1 import AppTest; import app\n"
        f"page = AppTest.from_file({NAVIGATION!r}, default_timeout=120).run(); assert not page.exception\n"
        "page.switch_page('glossary.py').run()\n"
        f"print('first:', *sorted({HEAVY!r} & set(sys.modules)))\n"
        f"for file in {files!r}: page.switch_page(file).run(); assert not page.exception, file\n"
        f"print('all:', *sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = run_in_new_process(program, tmp_path_factory.mktemp("imports"))
    assert done.returncode == 0, done.stderr
    first, every = (set(line.split()[1:]) for line in done.stdout.splitlines()[-2:])
    return first, every


def test_nothing_heavy_is_imported_before_the_first_paint(imported):
    assert imported[0] == set()


def test_no_page_imports_tfds(imported):
    """While TFDS is being imported, imports in other threads block or fail; a request then ended in an error."""
    assert "tensorflow" in imported[1]
    assert "tensorflow_datasets" not in imported[1]
