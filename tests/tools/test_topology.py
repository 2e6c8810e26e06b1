"""The description of the topology: compose file and image fit the code. ``make topology`` itself takes minutes."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from cnn.jobs.cluster import DASK_SETTINGS
from tools.topology import processes
from tools.topology.checks import holds_lock
from tools.topology.image_steps import PROJECT, Step, steps

SERVICES = yaml.safe_load((PROJECT / "compose.yaml").read_text())["services"]


@pytest.mark.parametrize("service", ["scheduler", *processes.WORKERS])
def test_dask_processes_have_the_settings_of_the_local_engine(service: str) -> None:
    environment = SERVICES[service]["environment"]
    assert {name: environment.get(name) for name in DASK_SETTINGS} == DASK_SETTINGS


def test_steps_of_a_dockerfile_are_joined_lines_without_comments() -> None:
    text = "# why\nFROM debian\nRUN one && \\\n    two\n\n# and\nUSER learner\n"
    assert steps(text) == [Step("FROM", "debian"), Step("RUN", "one &&      two"), Step("USER", "learner")]


def test_whatever_the_image_copies_is_sent_to_docker() -> None:
    copied = [
        step.rest.split()[0] for step in steps((PROJECT / "Dockerfile").read_text()) if step.instruction == "COPY"
    ]
    sent = re.findall(r"^!(.+)$", (PROJECT / ".dockerignore").read_text(), re.MULTILINE)
    assert sorted(copied) == sorted(sent)
    assert all((PROJECT / name).exists() for name in copied)


def test_the_image_runs_as_a_user_and_is_asked_for_its_health() -> None:
    instructions = {step.instruction: step.rest for step in steps((PROJECT / "Dockerfile").read_text())}
    assert instructions["USER"] != "root"
    assert "/_stcore/health" in instructions["HEALTHCHECK"]


def test_the_processes_have_the_commands_of_compose_with_other_addresses(tmp_path: Path) -> None:
    topology = processes.Topology(tmp_path)
    command = topology._command("worker-1")
    assert f"tls://{topology.addresses['scheduler']}" in command
    written = SERVICES["worker-1"]["command"].split()
    assert [word.split("/")[0] for word in command[2:]] == [word.split("/")[0] for word in written]
    environment = topology.environment("server-2")
    assert environment["CNN_SCHEDULER"] == f"tls://{topology.addresses['scheduler']}"
    assert environment["DASK_DISTRIBUTED__COMM__TLS__CA_FILE"] == str(tmp_path / "certificates" / "dask.pem")


def test_the_certificate_is_made_once(tmp_path: Path) -> None:
    command = ["sh", str(PROJECT / "deploy" / "make_certificates.sh"), str(tmp_path)]
    subprocess.run(command, check=True)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    subprocess.run(command, check=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == made
    assert (tmp_path / "dask-key.pem").stat().st_mode & 0o077 == 0


def test_without_caddy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(FileNotFoundError, match="apt-get install caddy"):
        processes.caddy()


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="/proc/locks is Linux's")
def test_the_process_that_holds_a_lock_is_found(tmp_path: Path) -> None:
    import fcntl

    with (tmp_path / "engine.lock").open("a") as lock:
        assert not holds_lock(os.getpid(), tmp_path / "engine.lock")
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert holds_lock(os.getpid(), tmp_path / "engine.lock")
