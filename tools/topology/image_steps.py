"""Run the steps of the Dockerfile in a folder made by debootstrap, for machines that have no Docker.

``debootstrap --variant=minbase bookworm ROOT``, then, as root, ``python -m tools.topology.image_steps ROOT``. Its last
line is the size of what came out.
"""

import argparse
import contextlib
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]
_NO_EFFECT = ("FROM", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD")  # on the files of the image
_CERTIFICATE = "PIP_CERT"


class Step(NamedTuple):
    """An instruction of a Dockerfile, such as ``RUN``, and the rest of its line."""

    instruction: str
    rest: str


def steps(dockerfile: str) -> list[Step]:
    """The instructions of a Dockerfile, in order; lines that end in a backslash are joined with the next."""
    lines = "\n".join(line for line in dockerfile.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n", " ", lines)
    return [Step(*line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def run_steps(root: Path, all_steps: list[Step]) -> None:
    """Do in ``root`` what the steps would do in an image.

    Raises:
        ValueError: an instruction is not known here.
        subprocess.CalledProcessError: a command failed.
    """
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"} | _network_settings(root)
    arguments: dict[str, str] = {}
    folder, user = "/", "root"
    for step in all_steps:
        print(step.instruction, step.rest, flush=True)
        if step.instruction in ("ENV", "ARG"):
            pairs = dict(pair.split("=", 1) for pair in shlex.split(step.rest))
            (environment if step.instruction == "ENV" else arguments).update(pairs)
        elif step.instruction == "WORKDIR":
            folder = step.rest
            (root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif step.instruction == "USER":
            user = step.rest
        elif step.instruction == "COPY":
            _copy(root / folder.lstrip("/"), *step.rest.split())
        elif step.instruction == "RUN":
            command = [
                "/usr/sbin/chroot",
                f"--userspec={user}",
                str(root),
                "/bin/sh",
                "-c",
                f"cd {folder} && {step.rest}",
            ]
            subprocess.run(command, env=environment | arguments, check=True)
        elif step.instruction not in _NO_EFFECT:
            raise ValueError(f"{step.instruction} is not known here")


def _network_settings(root: Path) -> dict[str, str]:
    """What this machine needs to reach the network: names, and pip's own settings with their certificate."""
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    settings = {name: value for name, value in os.environ.items() if name == _CERTIFICATE}
    if _CERTIFICATE in settings:
        shutil.copy(settings[_CERTIFICATE], root / "run" / "certificates.crt")
        settings[_CERTIFICATE] = "/run/certificates.crt"
    return settings


def _copy(target: Path, source: str, destination: str) -> None:
    if (PROJECT / source).is_dir():
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(PROJECT / source, target / destination, ignore=ignored, dirs_exist_ok=True)
    else:
        shutil.copy(PROJECT / source, target / destination)


@contextlib.contextmanager
def _system_folders(root: Path) -> Iterator[None]:
    mounts = [["-t", "proc", "proc", str(root / "proc")], ["--rbind", "/dev", str(root / "dev")]]
    try:
        for mount in mounts:
            subprocess.run(["mount", *mount], check=True)
        subprocess.run(["mount", "--make-rslave", str(root / "dev")], check=True)
        yield
    finally:
        for mount in reversed(mounts):
            subprocess.run(["umount", "-l", mount[-1]], check=False)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.topology.image_steps", description=__doc__)
    parser.add_argument("root", type=Path, help="a folder made by debootstrap")
    root = parser.parse_args().root.resolve(strict=True)
    with _system_folders(root):
        run_steps(root, steps((PROJECT / "Dockerfile").read_text()))
    print(subprocess.run(["du", "-sxm", str(root)], check=True, capture_output=True, text=True).stdout.strip(), "MB")


if __name__ == "__main__":
    main()
