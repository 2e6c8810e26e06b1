"""The services of ``compose.yaml`` as processes on loopback: its commands and settings, with other addresses."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import yaml

from tools.running_server import ROOT, free_port

SERVERS = ("server-1", "server-2")
WORKERS = ("worker-1", "worker-2")
SECRET = "sticky"
SERVER_COMMAND = "streamlit run app.py --server.address=0.0.0.0 --server.port=8501"


class Topology:
    """The running services, by name, and where they are.

    Attributes:
        site: the address that visitors type.
        addresses: host and port of each server and of the scheduler.
        home: the ``CNN_HOME`` of all.
    """

    def __init__(self, folder: Path) -> None:
        """Args: folder: an empty one, for data, certificates and logs."""
        self.home, self._folder = folder / "data", folder
        self._services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
        self.addresses = {name: f"127.0.0.1:{free_port()}" for name in (*SERVERS, "scheduler")}
        self.site = f"http://127.0.0.1:{free_port()}"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        for name in ("data", "certificates", "logs"):
            (folder / name).mkdir()

    def start(self, service: str) -> None:
        """Start a service; what it prints goes into a file of the folder ``logs``."""
        with (self._folder / "logs" / f"{service}.log").open("ab") as log:
            self._processes[service] = subprocess.Popen(
                self._command(service),
                cwd=ROOT,
                env=self.environment(service),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self, service: str) -> None:
        """Wait until a service that ends by itself has ended.

        Raises:
            RuntimeError: it failed; the message ends with what it printed.
        """
        if self._processes[service].wait(timeout=60):
            raise RuntimeError(f"{service} failed:\n{(self._folder / 'logs' / f'{service}.log').read_text()[-2000:]}")

    def environment(self, service: str) -> dict[str, str]:
        """The environment variables of a service: those of this process, and those of ``compose.yaml``."""
        settings = {
            name: self._here(str(value)) for name, value in self._services[service].get("environment", {}).items()
        }
        if service == "proxy":
            servers = " ".join(self.addresses[name] for name in SERVERS)
            settings |= {"CNN_SITE": self.site, "CNN_SERVERS": servers, "CNN_STICKY_SECRET": SECRET}
        else:
            settings |= {"CNN_HOME": str(self.home), "PYTHONPATH": str(ROOT), "CNN_HOSTS": ""}
        return {**os.environ, **settings}

    def processes(self, service: str) -> list[psutil.Process]:
        """The process of a service and those that it has started."""
        process = psutil.Process(self._processes[service].pid)
        return [process, *process.children(recursive=True)]

    def kill(self, service: str) -> None:
        """End a service with SIGKILL, as when its machine fails, together with what it has started."""
        os.killpg(self._processes[service].pid, signal.SIGKILL)
        self._processes[service].wait()

    def close(self) -> None:
        """End all services."""
        for service in self._processes:
            try:
                processes = self.processes(service)
            except psutil.NoSuchProcess:
                continue
            for process in processes:
                process.terminate()
            for process in psutil.wait_procs(processes, timeout=10)[1]:
                process.kill()
            self._processes[service].wait()

    def _command(self, service: str) -> list[str]:
        if service == "proxy":
            return [caddy(), "run", "--config", "deploy/Caddyfile", "--adapter", "caddyfile"]
        words = shlex.split(self._services[service].get("command", SERVER_COMMAND))
        if words[0] in ("dask", "streamlit"):
            words = [sys.executable, "-m", *words]
        if service in SERVERS:
            host, port = self.addresses[service].split(":")
            words = [word.replace("0.0.0.0", host).replace("8501", port) for word in words]
        return [self._here(word) for word in words]

    def _here(self, text: str) -> str:
        """A word or setting of ``compose.yaml`` with this machine's addresses and folders."""
        scheduler = self.addresses["scheduler"]
        replacements = {
            "scheduler:8786": scheduler,
            "0.0.0.0:8786": scheduler,
            "/certificates": str(self._folder / "certificates"),
            "/tmp/dask": str(self._folder / "dask"),
        }
        for there, here in replacements.items():
            text = text.replace(there, here)
        return text


def caddy() -> str:
    """The path of Caddy.

    Raises:
        FileNotFoundError: it is not installed; the message says how.
    """
    if (found := shutil.which("caddy")) is None:
        raise FileNotFoundError(
            "Caddy is missing. Debian, Ubuntu: sudo apt-get install caddy. macOS: brew install caddy."
        )
    return found


@contextmanager
def running_topology(folder: Path) -> Iterator[Topology]:
    """Start all services; they end with the context."""
    topology = Topology(folder)
    try:
        topology.start("certificates")
        topology.wait("certificates")
        for service in ("scheduler", *WORKERS, *SERVERS, "proxy"):
            topology.start(service)
        yield topology
    finally:
        topology.close()
