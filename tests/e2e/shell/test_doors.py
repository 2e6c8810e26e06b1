"""What a running app lets in: which sockets its processes listen on, and what it answers to others."""

import ipaddress
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import psutil
import pytest

from pages.server.network_addresses import addresses
from tests.jobs.job_control import wait_until
from tools.running_server import running_server


def is_ready(address: str) -> bool:
    """Whether its jobs could start at once."""
    try:
        return urlopen(f"{address}/ready").status == 200
    except HTTPError:
        return False


@pytest.mark.parametrize("to_class", [False, True], ids=["run", "class"])
def test_only_the_app_itself_listens_for_others(tmp_path: Path, to_class: bool) -> None:
    """Dask's own HTTP servers show paths, logs and load to whoever asks, without a login."""
    if to_class and not addresses():
        pytest.skip("this machine is on no network")
    known = set(psutil.Process().children(recursive=True))
    with running_server(tmp_path, to_class=to_class) as address:
        wait_until(lambda: is_ready(address))
        listening = [
            socket.laddr
            for process in set(psutil.Process().children(recursive=True)) - known
            for socket in process.net_connections("inet")
            if socket.status == psutil.CONN_LISTEN
        ]
    app = urlsplit(address).port
    assert app in {ip_and_port.port for ip_and_port in listening}
    assert len(listening) > 3, "the scheduler and its workers listen too"
    open_to_others = {port for ip, port in listening if not ipaddress.ip_address(ip).is_loopback}
    assert open_to_others == ({app} if to_class else set())
