"""What pages may import, measured in a new Python process."""

import subprocess
import sys
from pathlib import Path

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


def test_nothing_heavy_is_imported_before_the_first_paint(tmp_path):
    program = (
        "import sys; from streamlit.testing.v1 import AppTest; import app\n"
        f"page = AppTest.from_file({NAVIGATION!r}, default_timeout=60).run(); assert not page.exception\n"
        "page.switch_page('glossary.py').run()\n"
        "heavy = {'tensorflow', 'keras', 'matplotlib', 'sklearn', 'tensorflow_datasets', 'distributed', 'altair'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    done = run_in_new_process(program, tmp_path)
    assert done.stdout.strip().endswith("heavy: []"), done.stdout + done.stderr


def test_no_page_imports_tfds(tmp_path):
    """While TFDS is being imported, imports in other threads block or fail; a request then ended in an error."""
    files = [lesson.file for lesson in all_lessons()]
    program = (
        "import sys; from streamlit.testing.v1 import AppTest; import app\n"
        f"page = AppTest.from_file({NAVIGATION!r}, default_timeout=120).run()\n"
        f"for file in {files!r}: page.switch_page(file).run(); assert not page.exception, file\n"
        "print('imported:', [name for name in ('tensorflow', 'tensorflow_datasets') if name in sys.modules])"
    )
    done = run_in_new_process(program, tmp_path)
    assert done.stdout.strip().endswith("imported: ['tensorflow']"), done.stdout + done.stderr
