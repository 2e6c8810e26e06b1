"""At which addresses other devices reach this machine."""

import ipaddress
import socket

import psutil

# Prefixes of networks inside this machine, for containers and virtual machines, which no pupil's device can reach.
_VIRTUAL_INTERFACES = ("br-", "cni", "docker", "podman", "vboxnet", "veth", "virbr", "vmnet")


def addresses() -> list[str]:
    """The IPv4 addresses at which others can reach this machine, that of the default route first. Sends nothing."""
    active = {
        name for name, state in psutil.net_if_stats().items() if state.isup and not name.startswith(_VIRTUAL_INTERFACES)
    }
    candidates = [
        entry.address
        for name, entries in psutil.net_if_addrs().items()
        if name in active
        for entry in entries
        if entry.family == socket.AF_INET
    ]
    reachable = [a for a in candidates if not (ip := ipaddress.ip_address(a)).is_loopback and not ip.is_link_local]
    # Connecting a datagram socket merely selects the interface, even for an address that does not exist (this one is
    # from a documentation block, RFC 5737); it fails without a default route, as in a class with no internet.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram_socket:
        try:
            datagram_socket.connect(("198.51.100.1", 9))
            default = datagram_socket.getsockname()[0]
        except OSError:
            default = None
    return sorted(reachable, key=lambda address: address != default)


def is_loopback(host: str) -> bool:
    """Whether a host's name or address means the very machine on which it is used, as "localhost" does."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
