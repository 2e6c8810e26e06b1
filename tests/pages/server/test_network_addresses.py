"""The addresses that a class can reach, and those that mean the machine itself."""

import socket
from types import SimpleNamespace

import pytest

from pages.server import network_addresses


@pytest.fixture
def interfaces(monkeypatch):
    """Give this machine loopback, a container bridge, an unplugged cable, a self-assigned address and two networks."""
    entries = {
        "lo": "127.0.0.1",
        "docker0": "172.17.0.1",
        "eth1": "10.1.2.3",
        "eth2": "169.254.7.7",
        "eth0": "192.168.1.20",
        "wlan0": "10.9.8.7",
    }
    monkeypatch.setattr(
        network_addresses.psutil,
        "net_if_addrs",
        lambda: {name: [SimpleNamespace(family=socket.AF_INET, address=a)] for name, a in entries.items()},
    )
    monkeypatch.setattr(
        network_addresses.psutil,
        "net_if_stats",
        lambda: {name: SimpleNamespace(isup=name != "eth1") for name in entries},
    )


class Route:
    """Replaces the kernel's choice of an interface: always the one with address ``chosen``, or no route if None."""

    def __init__(self, chosen):
        self.chosen = chosen

    def __call__(self, *_):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def connect(self, _address):
        if self.chosen is None:
            raise OSError("Network is unreachable")

    def getsockname(self):
        return (self.chosen, 0)


@pytest.mark.parametrize(
    ("default", "expected"),
    [("10.9.8.7", ["10.9.8.7", "192.168.1.20"]), (None, ["192.168.1.20", "10.9.8.7"])],
    ids=["internet through the Wi-Fi", "no internet"],
)
def test_addresses_are_those_a_class_can_reach(interfaces, monkeypatch, default, expected):
    monkeypatch.setattr(network_addresses.socket, "socket", Route(default))
    assert network_addresses.addresses() == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("lab.localhost", True),
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("192.168.1.20", False),
        ("lab.school.example", False),
        ("", False),
    ],
)
def test_a_loopback_host_is_the_machine_itself(host: str, expected: bool):
    assert network_addresses.is_loopback(host) == expected
