"""Serve the app on this machine (``make run``) or to a class on the local network (``make class``)."""

import argparse
import http.client
import platform
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import segno

from cnn.errors import CnnError
from cnn.processor import check_processor
from pages.server.network_addresses import addresses

ROOT = Path(__file__).resolve().parents[1]

CLASS_HINTS = """\
No connection? Allow TCP port {port} in this machine's firewall (Debian, Ubuntu: sudo ufw allow {port}/tcp), and use a
Wi-Fi that lets devices reach each other: guest networks often forbid it ("client isolation").
A page that stays empty? A proxy or filter is holding back WebSockets: let ws://{address}:{port} through.
Phones open their camera only on https; the pages offer a file upload there, which can take a photo.
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


def is_ready(port: int) -> bool:
    """Whether the app responds on ``port``. Streamlit answers 200 to any path, so the body is compared."""
    # A plain connection ignores the proxies of the environment, which must not be used for localhost.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().read() == b"ok"
    except (OSError, http.client.HTTPException):
        return False
    finally:
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


def invitation(port: int) -> str:
    """The text that ``make class`` prints: address, QR code, other addresses, and hints for connection problems."""
    first, *others = addresses()
    url = f"http://{first}:{port}"
    parts = [f"Convnet Lab for your class: {url}  (Ctrl+C ends it)\n", qr_code(url, sys.stdout.isatty()), ""]
    if others:
        parts += ["This machine is on other networks too: " + ", ".join(f"http://{a}:{port}" for a in others) + "\n"]
    if "microsoft" in platform.release().lower():
        parts += [WSL_HINTS.format(port=port, address=first)]
    return "\n".join([*parts, CLASS_HINTS.format(port=port, address=first)])


def serve(port: int, to_class: bool) -> int:
    """Run the app until it ends or is told to, and print its address as soon as it responds.

    Returns:
        The server's exit status; 0 if it was told to end.
    """
    options = {
        "server.port": port,
        "server.address": "0.0.0.0" if to_class else "127.0.0.1",
        # Headless mode also skips the prompt for an e-mail address at the first start.
        "server.headless": "true",
        "logger.hideWelcomeMessage": "true",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    server = subprocess.Popen([sys.executable, "-m", "streamlit", "run", "app.py", *flags], cwd=ROOT)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    # The terminal sends Ctrl+C to the server as well, which then shuts down by itself.
    signal.signal(signal.SIGINT, lambda *_: None)
    while server.poll() is None and not is_ready(port):
        time.sleep(0.1)
    if server.poll() is None:
        message = invitation(port) if to_class else f"Convnet Lab is on http://localhost:{port}  (Ctrl+C ends it)"
        print(message, flush=True)
    status = server.wait()
    return 0 if status in (-signal.SIGINT, -signal.SIGTERM) else status


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.serve", description=__doc__)
    parser.add_argument("--port", type=int, choices=range(1, 65536), default=8501, metavar="PORT")
    parser.add_argument("--class", action="store_true", dest="to_class", help="serve to the local network")
    arguments = parser.parse_args()
    try:
        check_processor()
    except CnnError as error:
        sys.exit(str(error))
    command = "class" if arguments.to_class else "run"
    if is_port_taken(arguments.port):
        other = 8600 if arguments.port != 8600 else 8700
        sys.exit(f"Port {arguments.port} is taken by another program. Choose another: make {command} PORT={other}")
    if arguments.to_class and not addresses():
        sys.exit("This machine is on no network. Join the class's Wi-Fi and run make class again.")
    sys.exit(serve(arguments.port, arguments.to_class))


if __name__ == "__main__":
    main()
