"""The real server as a process, started as ``make run`` does, and ended together with its child processes."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from pages.server.base_path import BASE_PATH, as_base_path
from tools.serve import is_ready

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A TCP port that no program listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def end(server: subprocess.Popen, timeout: float = 20) -> None:
    """End ``server``; after ``timeout`` seconds kill those of its processes that still run."""
    try:
        processes = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    server.terminate()
    _, alive = psutil.wait_procs(processes, timeout=timeout)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive)
    server.wait()


@contextmanager
def running_server(
    home: Path,
    environment: Mapping[str, str] = {},
    port: int | None = None,
    *,
    to_class: bool = False,
    https: bool = False,
) -> Iterator[str]:
    """Serve with ``home`` as ``CNN_HOME`` and write the output to ``home / "server.log"``.

    Args:
        environment: of the server. Unless it says ``CNN_OPEN_LESSONS``, the server does not open every lesson once by
            itself, which takes the cores from whoever has started it.
        to_class: serve to the local network, as ``make class`` does.
        https: serve over TLS, as ``make class HTTPS=1`` does.

    Yields:
        The address, such as ``http://localhost:<port>``, once the app responds.

    Raises:
        RuntimeError: the server ended or did not respond within two minutes; the message ends with its output.
    """
    port = port or free_port()
    log = home / "server.log"
    flags = [flag for flag, is_set in {"--class": to_class, "--https": https}.items() if is_set]
    base = as_base_path((os.environ | dict(environment)).get(BASE_PATH, ""))
    certificate = home / "certificate.pem" if https else None
    with log.open("ab") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "tools.serve", "--port", str(port), *flags],
            cwd=ROOT,
            env=os.environ | {"CNN_HOME": str(home), "CNN_OPEN_LESSONS": "no"} | dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 120
        while not is_ready(port, base, certificate):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server does not answer. Its output:\n{log.read_text()[-4000:]}")
            time.sleep(0.1)
        yield f"{'https' if https else 'http'}://localhost:{port}{base}"
    finally:
        end(server)
