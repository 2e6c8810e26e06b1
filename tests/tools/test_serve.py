"""The invitation and the QR code for a class, and a port that is taken."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import segno

from pages.server.framing import FRAME_PARENTS
from pages.server.proxies import PROXIES
from tools import serve

ROOT = Path(__file__).resolve().parents[2]


def test_invitation_names_every_address_and_possible_obstacles(monkeypatch):
    monkeypatch.setattr(serve, "addresses", lambda: ["10.9.8.7", "192.168.1.20"])
    monkeypatch.setattr(serve.platform, "release", lambda: "5.15.153.1-microsoft-standard-WSL2")
    text = serve.invitation(8600)
    assert "class: http://10.9.8.7:8600 " in text
    for part in ("http://192.168.1.20:8600", "ufw allow 8600/tcp", "ws://10.9.8.7:8600", "connectaddress=10.9.8.7"):
        assert part in text


def test_invitation_to_https_says_what_phones_will_say(monkeypatch):
    monkeypatch.setattr(serve, "addresses", lambda: ["10.9.8.7", "192.168.1.20"])
    text = serve.invitation(8600, https=True)
    assert serve.qr_code("https://10.9.8.7:8600", colour=False) in text
    for part in (
        "https://192.168.1.20:8600",
        "wss://10.9.8.7:8600",
        "“Proceed to 10.9.8.7 (unsafe)”",
        "“Show Details”",
    ):
        assert part in text
    assert " http://" not in text
    assert "HTTPS=1 they open it" in serve.invitation(8600)


def test_qr_code_is_dark_on_light_and_complete():
    url = "http://192.168.1.20:8501"
    lines = serve.qr_code(url, colour=False).splitlines()
    pixels = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    printed = [[pixels[character][half] for character in line] for line in lines for half in (0, 1)]
    border = 4
    matrix = [list(row) for row in segno.make(url, error="m", micro=False).matrix]
    size = len(matrix)
    assert [row[border : border + size] for row in printed[border : border + size]] == matrix
    assert sum(map(sum, printed)) == sum(map(sum, matrix)), "the margin is light"


@pytest.mark.parametrize("name", [PROXIES, FRAME_PARENTS])
def test_a_setting_that_is_not_right_is_reported_at_start(monkeypatch, name):
    monkeypatch.setenv(name, "moodle;*")
    result = subprocess.run([sys.executable, "-m", "tools.serve"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr.startswith(name)
    assert result.stderr.count("\n") == 1, "a sentence, and no traceback"


def test_taken_port_is_reported_in_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        command = [sys.executable, "-m", "tools.serve", "--port", str(port)]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr == f"Port {port} is taken by another program. Choose another: make run PORT=8600\n"
