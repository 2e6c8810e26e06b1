"""Serve the app on this machine (``make run``) or to a class on the local network (``make class``)."""

import argparse
import http.client
import os
import platform
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import segno

from cnn.errors import CnnError
from cnn.processor import check_processor
from pages.server.base_path import BASE_PATH, as_base_path
from pages.server.framing import frame_parents
from pages.server.network_addresses import addresses
from pages.server.proxies import BELIEVED_BY_UVICORN, proxies
from tools.certificate import own_certificate

ROOT = Path(__file__).resolve().parents[1]

CLASS_HINTS = """\
No connection? Allow TCP port {port} in this machine's firewall (Debian, Ubuntu: sudo ufw allow {port}/tcp), and use a
Wi-Fi that lets devices reach each other: guest networks often forbid it ("client isolation").
A page that stays empty? A proxy or filter is holding back WebSockets: let {socket}://{address}:{port} through.
"""
CAMERA_HINT = """\
Phones open their camera only on https; the pages offer a file upload there, which can take a photo. With
make class HTTPS=1 they open it, after a warning.
"""
WARNING_HINTS = """\
Every device warns once, because this machine has signed its certificate itself. What is sent is encrypted all the same.
    Android, Chrome: “Your connection is not private”. Tap “Advanced”, then “Proceed to {address} (unsafe)”.
    iPhone, Safari: “This Connection Is Not Private”. Tap “Show Details”, then “visit this website” at the end.
The address begins with https://; without the s nothing answers.
An iPhone or iPad whose page stays empty after that: Apple's browsers may refuse WebSockets with such a certificate. For
them run make class without HTTPS=1, or use a certificate of a known authority: docs/how-to/behind-a-proxy.md.
"""
WSL_HINTS = """\
This is WSL, whose own network the class may not reach. On Windows 11 put these two lines into
%UserProfile%\\.wslconfig, run wsl --shutdown, and start again:
    [wsl2]
    networkingMode=mirrored
Or, in a PowerShell run as administrator, and then with the address that ipconfig shows:
    netsh interface portproxy add v4tov4 listenport={port} connectport={port} connectaddress={address}
"""


def is_port_taken(port: int) -> bool:
    """Whether a program on this machine listens on TCP port ``port`` of localhost (IPv4 or IPv6)."""
    try:
        with socket.create_connection(("localhost", port), timeout=1):
            return True
    except OSError:
        return False


def is_ready(port: int, base: str = "", certificate: Path | None = None) -> bool:
    """Whether the app responds on ``port``. Streamlit answers 200 to any path, so the body is compared.

    Args:
        base: the path below which it is served, such as ``/lab``.
        certificate: with which the server must prove itself over TLS; None for plain HTTP.
    """
    connection: http.client.HTTPConnection | None = None
    try:
        # A plain connection ignores the proxies of the environment, which must not be used for localhost.
        if certificate is None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        else:
            context = ssl.create_default_context(cafile=certificate)
            connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=2, context=context)
        connection.request("GET", f"{base}/_stcore/health")
        return connection.getresponse().read() == b"ok"
    except (OSError, http.client.HTTPException):  # among them a certificate that is not there yet, or another one
        return False
    finally:
        if connection is not None:
            connection.close()


def qr_code(url: str, colour: bool) -> str:
    """``url`` as a QR code of half-block characters.

    Args:
        colour: whether the terminal understands colours; then the code is dark on light in any colour scheme.
    """
    blocks = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    rows = [list(row) for row in segno.make(url, error="m", micro=False).matrix_iter(border=4)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    lines = ["".join(blocks[bool(up), bool(down)] for up, down in zip(*pair, strict=True)) for pair in pairs]
    return "\n".join(f"\x1b[97;40m{line}\x1b[0m" if colour else line for line in lines)


def invitation(port: int, base: str = "", https: bool = False) -> str:
    """The text that ``make class`` prints: address, QR code, other addresses, and hints for connection problems."""
    first, *others = (f"{a}:{port}{base}" for a in addresses())
    scheme, socket_scheme = ("https", "wss") if https else ("http", "ws")
    url = f"{scheme}://{first}"
    parts = [f"Convnet Lab for your class: {url}  (Ctrl+C ends it)\n", qr_code(url, sys.stdout.isatty()), ""]
    if others:
        parts += [
            "This machine is on other networks too: " + ", ".join(f"{scheme}://{other}" for other in others) + "\n"
        ]
    address = first.partition(":")[0]
    if "microsoft" in platform.release().lower():
        parts += [WSL_HINTS.format(port=port, address=address)]
    hints = CLASS_HINTS.format(port=port, address=address, socket=socket_scheme)
    hints += WARNING_HINTS.format(address=address) if https else CAMERA_HINT
    return "\n".join([*parts, hints])


def serve(port: int, to_class: bool, https: bool = False) -> int:
    """Run the app until it ends or is told to, and print its address as soon as it responds.

    Returns:
        The server's exit status; 0 if it was told to end.

    Raises:
        CnnError: there is no certificate for https, and none can be made.
    """
    options = {
        "server.port": port,
        "server.address": "0.0.0.0" if to_class else "127.0.0.1",
        # Headless mode also skips the prompt for an e-mail address at the first start.
        "server.headless": "true",
        "logger.hideWelcomeMessage": "true",
    }
    base = as_base_path(os.environ.get(BASE_PATH, ""))
    certificate = own_certificate() if https else None
    if certificate is not None:
        options |= {"server.sslCertFile": str(certificate), "server.sslKeyFile": str(certificate)}
    flags = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *flags]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | BELIEVED_BY_UVICORN)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    # The terminal sends Ctrl+C to the server as well, which then shuts down by itself.
    signal.signal(signal.SIGINT, lambda *_: None)
    while server.poll() is None and not is_ready(port, base, certificate):
        time.sleep(0.1)
    if server.poll() is None:
        scheme = "https" if https else "http"
        local = f"Convnet Lab is on {scheme}://localhost:{port}{base}  (Ctrl+C ends it)"
        print(invitation(port, base, https) if to_class else local, flush=True)
    status = server.wait()
    return 0 if status in (-signal.SIGINT, -signal.SIGTERM) else status


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.serve", description=__doc__)
    parser.add_argument("--port", type=int, choices=range(1, 65536), default=8501, metavar="PORT")
    parser.add_argument("--class", action="store_true", dest="to_class", help="serve to the local network")
    parser.add_argument("--https", action="store_true", help="serve over TLS, with a certificate of this machine's own")
    arguments = parser.parse_args()
    try:
        check_processor()
        proxies()
        frame_parents()
    except CnnError as error:
        sys.exit(str(error))
    command = "class" if arguments.to_class else "run"
    if is_port_taken(arguments.port):
        other = 8600 if arguments.port != 8600 else 8700
        sys.exit(f"Port {arguments.port} is taken by another program. Choose another: make {command} PORT={other}")
    if arguments.to_class and not addresses():
        sys.exit("This machine is on no network. Join the class's Wi-Fi and run make class again.")
    try:
        sys.exit(serve(arguments.port, arguments.to_class, arguments.https))
    except CnnError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
