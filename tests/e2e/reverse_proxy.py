"""A real reverse proxy in front of a server, configured as the documentation says."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.jobs.job_control import wait_until
from tools.certificate import own_certificate
from tools.running_server import end, free_port

HOST = "lab.school.example"
DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "behind-a-proxy.md"


def documented(language: str, *, prefix: bool) -> str:
    """The configuration for a proxy that stands in the documentation, at the root of its host or below ``/lab``."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", DOCUMENTATION.read_text(), re.DOTALL | re.MULTILINE)
    (found,) = [block for block in blocks if ("/lab/" in block) is prefix]
    return found


@contextmanager
def reverse_proxy(program: str, server: str, folder: Path, *, prefix: bool) -> Iterator[str]:
    """Run Caddy or nginx, in ``folder``, in front of ``server``; skips the test where the program is not installed.

    Yields:
        The address at which the browser of tests finds it.
    """
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if path is None:
        pytest.skip(f"{program} is not installed; on Debian: apt-get install {program}")
    port = free_port()
    text = documented(program, prefix=prefix).replace(
        "127.0.0.1:8501", urlsplit(server).netloc.replace("localhost", "127.0.0.1")
    )
    file = folder / "configuration"
    log = (folder / "proxy.log").open("ab")
    if program == "caddy":
        settings = "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n}\n"
        file.write_text(settings + text.replace(f"{HOST} {{", f"https://{HOST}:{port} {{\n\ttls internal"))
        command = [path, "run", "--adapter", "caddyfile", "--config", str(file)]
    else:
        certificate = str(own_certificate())
        text = text.replace("listen 443", f"listen 127.0.0.1:{port}")
        text = re.sub(r"(ssl_certificate(?:_key)?) .*;", lambda found: f"{found[1]} {certificate};", text)
        places = "".join(
            f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;\n" if os.geteuid() == 0 else ""
        file.write_text(
            f"{user}daemon off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{places}{text}}}\n"
        )
        command = [path, "-c", str(file), "-p", str(folder)]
    homes = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    proxy = subprocess.Popen(command, env=os.environ | homes, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_until(lambda: proxy.poll() is not None or is_listening(port))
        assert proxy.poll() is None, (folder / "proxy.log").read_text()[-2000:]
        yield f"https://{HOST}:{port}" + ("/lab" if prefix else "")
    finally:
        end(proxy)
        log.close()


def is_listening(port: int) -> bool:
    """Whether a program listens on this port of the machine."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
