"""What is tried on the running topology. Each check gives a sentence with what it found, or raises."""

import os
import signal
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import psutil
from distributed import Client

from cnn.data import catalog
from cnn.jobs import queue
from tools.topology.browser import Browser
from tools.topology.processes import SERVERS, WORKERS, Topology

SECONDS_TO_START = 300
SECONDS_TO_HAPPEN = 240


def wait_for_services(topology: Topology) -> str:
    """Wait until both servers can train and predict and the first data set is prepared."""
    for server in SERVERS:
        until(lambda server=server: is_ready(topology, server), SECONDS_TO_START)  # type: ignore[misc]
    until(lambda: catalog.is_prepared("digits") and queue.slots() == len(WORKERS), SECONDS_TO_START)
    return f"two servers, a scheduler and {queue.slots()} workers"


def check_encryption(topology: Topology) -> str:
    """Try the scheduler without TLS, and with TLS but without its certificate."""
    address = topology.addresses["scheduler"]
    try:
        Client(f"tcp://{address}", timeout=3, set_as_default=False).close()
    except OSError:
        pass
    else:
        raise RuntimeError("the scheduler answers tcp://")
    stranger = ssl.create_default_context()
    stranger.check_hostname, stranger.verify_mode = False, ssl.CERT_NONE
    host, port = address.split(":")
    with socket.create_connection((host, int(port))) as plain:
        try:
            with stranger.wrap_socket(plain) as encrypted:
                encrypted.settimeout(10)
                if encrypted.recv(1):
                    raise RuntimeError("the scheduler talks to strangers")
        except OSError:
            pass
    return "tcp:// and tls:// without the certificate"


def check_pages(topology: Topology, visitors: dict[str, Browser]) -> str:
    """Let new visitors come until each server has one."""

    def one_more() -> bool:
        browser = Browser(topology)
        browser.open_page("home")
        visitors.setdefault(browser.server(), browser)
        return set(visitors) == set(SERVERS)

    until(one_more, SECONDS_TO_START)
    return "Home, by the proxy"


def check_stickiness(visitors: dict[str, Browser]) -> str:
    """Let each visitor open ten more pages."""
    for server, browser in visitors.items():
        for _ in range(10):
            browser.open_page("home")
            expect(browser.server() == server, f"a visitor of {server} was sent to {browser.server()}")
    return "ten pages each"


def check_watching(visitors: dict[str, Browser]) -> str:
    """Click on *Start training* at one server, and open the run's link at the other."""
    known = {job.id for job in queue.jobs(kind="train")}
    visitors[SERVERS[0]].open_page("training", "dataset=digits&training.set.epochs=30", click="training.start")
    until(lambda: len(queue.jobs(kind="train")) > len(known))
    [job] = [job for job in queue.jobs(kind="train") if job.id not in known]
    until(lambda: epochs(job.id) >= 1)
    page = visitors[SERVERS[1]].open_page("training", f"run={job.id}")
    expect(job.name in page, "the other server does not show the run's name")
    return f"“{job.name}”, {epochs(job.id)} epochs of 30 done"


def measure_memory(topology: Topology, visitors: dict[str, Browser]) -> str:
    """Let the visitors open pages that need a network, and add up what the processes of each service hold."""
    for browser in visitors.values():
        for page in ("training", "feature_maps", "predict", "explanations"):
            browser.open_page(page, "dataset=digits&model=digits-tutorial")
    held = {
        service: sum(process.memory_info().rss for process in topology.processes(service)) // 2**20
        for service in (*SERVERS, *WORKERS, "scheduler", "proxy")
    }
    return ", ".join(f"{service} {megabytes:,} MB" for service, megabytes in held.items())


def check_killed_worker(topology: Topology) -> str:
    """Kill the process that trains."""
    job = running_job()
    pid, before = job.pid or 0, epochs(job.id)
    owned = [process.pid for worker in WORKERS for process in topology.processes(worker)]
    expect(pid in owned, "the run is not on one of the workers")
    os.kill(pid, signal.SIGKILL)
    until(lambda: queue.read(job.id).attempt > job.attempt and epochs(job.id) > before)
    return f"attempt {queue.read(job.id).attempt} went on after epoch {before}"


def check_killed_server(topology: Topology, visitors: dict[str, Browser]) -> str:
    """Kill the server that does not lead; its visitor then comes to the other, as the same person."""
    killed = next(server for server in SERVERS if server != leader(topology))
    browser = visitors[killed]
    workspace = browser.cookies["convnet_workspace"]
    topology.kill(killed)
    started = time.monotonic()
    browser.open_page_when_possible("home")
    seconds = time.monotonic() - started
    expect(browser.server() == leader(topology), "the visitor is not at the other server")
    expect(browser.cookies["convnet_workspace"] == workspace, "the visitor became somebody else")
    topology.start(killed)
    until(lambda: is_ready(topology, killed), SECONDS_TO_START)
    return f"{killed}; its visitor had a page of the other after {seconds:.1f} s, with the same cookie"


def check_killed_leader(topology: Topology, visitors: dict[str, Browser]) -> str:
    """Kill the server that leads while a run is running, and continue the run."""
    for running in queue.jobs(states=queue.ACTIVE):
        queue.request_stop(running.id, running.workspace)
    until(lambda: not queue.jobs(states=queue.ACTIVE))
    first = leader(topology)
    browser = visitors[first]
    browser.open_page_when_possible("home")
    known = {job.id for job in queue.jobs(kind="train")}
    browser.open_page("training", "dataset=digits&training.set.epochs=30", click="training.start")
    until(lambda: len(queue.jobs(kind="train")) > len(known))
    [job] = [job for job in queue.jobs(kind="train") if job.id not in known]
    until(lambda: epochs(job.id) >= 1)
    topology.kill(first)
    started = time.monotonic()
    until(lambda: leader(topology) not in ("", first) and queue.read(job.id).state == "interrupted")
    seconds = time.monotonic() - started
    page = browser.open_page_when_possible("training", f"run={job.id}")
    expect("was restarted while this run was under way" in page, "the page does not say that the run was interrupted")
    before = epochs(job.id)
    until(lambda: queue.slots() > 0)
    queue.resume(job.id, job.workspace)
    until(lambda: epochs(job.id) > before)
    return f"{leader(topology)} led after {seconds:.1f} s; the interrupted run was continued after epoch {before}"


def leader(topology: Topology) -> str:
    """The server that runs jobs, by the process that holds the lock of the engine; "" while there is none."""
    for server in SERVERS:
        try:
            pid = topology.processes(server)[0].pid
        except psutil.NoSuchProcess:
            continue
        if holds_lock(pid, topology.home / "engine.lock"):
            return server
    return ""


def holds_lock(pid: int, file: Path) -> bool:
    """Whether a process holds the lock of a file, which only its inode names."""
    inode = file.stat().st_ino
    held = (line.split() for line in Path("/proc/locks").read_text().splitlines() if "->" not in line)
    return any(words[4] == str(pid) and words[5].endswith(f":{inode}") for words in held)


def running_job() -> queue.Job:
    """The one run that is under way."""
    [job] = queue.jobs(kind="train", states=["running"])
    return job


def epochs(id: str) -> int:
    """The number of epochs that a run has done."""
    return max((event["epoch"] for event in queue.read_events(id)[0] if event["type"] == "epoch"), default=0)


def is_ready(topology: Topology, server: str) -> bool:
    """Whether a server says, past the proxy, that training and prediction would start at once."""
    try:
        with urlopen(f"http://{topology.addresses[server]}/ready", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def until(condition: Callable[[], bool], seconds: float = SECONDS_TO_HAPPEN) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it does not in so many seconds.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it did not happen within {seconds:.0f} s")
        time.sleep(0.1)


def expect(holds: bool, otherwise: str) -> None:
    """Raise ``RuntimeError`` with a sentence unless something holds."""
    if not holds:
        raise RuntimeError(otherwise)
