"""Two servers on one data folder: whatever both may do to the same file at once, done by two processes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from cnn.jobs import queue
from cnn.jobs.record import runs_folder
from cnn.limits import JOBS_PER_ADDRESS, JOBS_PER_VISITOR
from pages.server.uploads.uploaded_files import UploadedFilesOnDisk
from tests.two_processes import ROOT, run_together


def test_servers_that_start_at_once_sign_with_the_same_key(cnn_home: Path) -> None:
    imports = "import os\nfrom pathlib import Path\nfrom pages.server.workspace_cookie import sign\n"
    code = f"""
for number in range(20):
    folder = Path({str(cnn_home)!r}) / str(number)
    os.environ["CNN_HOME"] = str(folder)
    print(sign("w" * 22))
"""
    first, second = (output.splitlines() for output in run_together(imports, code))
    assert len(set(first)) == 20
    assert first == second


def test_limits_of_a_visitor_and_an_address_hold_for_both_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(JOBS_PER_VISITOR, "3")
    monkeypatch.setenv(JOBS_PER_ADDRESS, "5")
    imports = "from cnn.errors import JobError\nfrom cnn.jobs import job_limits, queue\n"
    code = """
job_limits.find_address_with(lambda: "192.0.2.7")
for number in range(12):
    try:
        print(queue.submit("train", {}, workspace=f"workspace {number % 4}", name="Digits"))
    except JobError:
        pass
"""
    ids = "".join(run_together(imports, code)).split()
    jobs = queue.jobs()
    assert sorted(ids) == sorted(job.id for job in jobs)
    assert len(ids) == 5
    owners = [job.workspace for job in jobs]
    assert max(map(owners.count, owners)) <= 3


def test_the_same_work_asked_for_on_both_is_one_job() -> None:
    code = """
for number in range(20):
    queue.submit("train", {}, workspace=f"workspace {number}", name="Digits", key=str(number))
"""
    run_together("from cnn.jobs import queue\n", code)
    assert sorted(int(job.key or "") for job in queue.jobs()) == list(range(20))


def test_a_file_that_both_write_is_whole_at_every_moment(cnn_home: Path) -> None:
    file = cnn_home / "model.keras"
    imports = "from pathlib import Path\nfrom cnn.files import write_whole\n"
    code = f"""
content = (b"a", b"b")[int(sys.argv[1])] * 2**20

def write(path):
    with path.open("wb") as file:
        for start in range(0, len(content), 2**14):
            file.write(content[start : start + 2**14])

for _ in range(25):
    write_whole(Path({str(file)!r}), write)
    found = Path({str(file)!r}).read_bytes()
    assert len(found) == 2**20 and len(set(found)) == 1, (len(found), set(found))
"""
    run_together(imports, code)
    assert [path.name for path in cnn_home.iterdir()] == ["model.keras"]


def test_what_a_killed_writer_left_is_removed_a_day_later(cnn_home: Path) -> None:
    from cnn.files import write_whole

    abandoned, recent = cnn_home / "partial.0a1b2c3d.model.keras", cnn_home / "partial.4e5f6a7b.model.keras"
    for path in (abandoned, recent):
        path.write_text("half")
    os.utime(abandoned, (time.time() - 90_000,) * 2)
    write_whole(cnn_home / "model.keras", lambda path: path.write_text("whole"))
    assert {path.name for path in cnn_home.iterdir()} == {recent.name, "model.keras"}


@pytest.mark.parametrize(
    ("folder", "imports", "sweep"),
    [
        ("data/uploads", "from cnn.data.own.own_datasets import delete_stale_uploads as sweep", "sweep()"),
        ("visits", "from cnn.files import delete_old", "delete_old(Path(sys.argv[2]).glob('*.zip'), 3600)"),
    ],
)
def test_both_sweep_old_files_at_once(cnn_home: Path, folder: str, imports: str, sweep: str) -> None:
    old = cnn_home / folder
    old.mkdir(parents=True)
    for number in range(2000):
        (old / f"{number}.zip").touch()
        os.utime(old / f"{number}.zip", (0, 0))
    run_together("from pathlib import Path\n" + imports + "\n", sweep.replace("sys.argv[2]", repr(str(old))))
    assert list(old.iterdir()) == []


def test_a_job_that_is_being_made_is_no_leftover_until_its_maker_is_killed() -> None:
    code = """
import sys, time
from cnn.jobs import queue
with queue.folder_for_new_job("a-job-of-this-process") as folder:
    print("made", flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as maker:
        assert maker.stdout is not None and maker.stdout.readline() == "made\n"
        queue.remove_leftovers()
        assert len(list(runs_folder().glob(".*.partial"))) == 1
        maker.kill()
    queue.remove_leftovers()
    assert list(runs_folder().glob(".*.partial")) == []


def test_uploads_of_a_server_stay_while_the_other_comes_and_goes(cnn_home: Path) -> None:
    imports = """
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from pages.server.uploads.uploaded_files import UploadedFilesOnDisk
"""
    code = """
for _ in range(40):
    files = UploadedFilesOnDisk("/upload")
    files.add_file("session", UploadedFileRec("id", "name", "image/png", b"bytes"))
    [record] = files.get_files("session", ["id"])
    assert record.data.path.read_bytes() == b"bytes"
    files.close()
"""
    run_together(imports, code)
    assert list((cnn_home / "uploads").iterdir()) == []


def test_uploads_that_the_other_server_is_just_deleting_are_left_to_it(
    cnn_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "iterdir", lambda folder: iter([folder / "was-here-a-moment-ago"]))
    files = UploadedFilesOnDisk("/upload")
    files.add_file("session", UploadedFileRec("id", "name", "image/png", b"bytes"))
    assert len(files.get_files("session", ["id"])) == 1
    files.close()


def test_names_of_new_models_stay_unlike_on_both() -> None:
    imports = "from cnn.jobs import queue\nfrom cnn.requests.names import new_model_name\n"
    code = """
for _ in range(10):
    with new_model_name("Digits", "workspace-ann") as name:
        queue.submit("train", {}, workspace="workspace-ann", name=name)
"""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(JOBS_PER_VISITOR, "100")
        run_together(imports, code)
    names = [job.name for job in queue.jobs()]
    assert len(names) == len(set(names)) == 20
