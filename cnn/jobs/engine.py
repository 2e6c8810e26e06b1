"""The training engine: runs the jobs of the queue for as long as the server lives."""

import fcntl
import logging
import os
import threading
import time
from typing import IO

from cnn.errors import CnnError
from cnn.files import write_json
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.cluster import Cluster, open_cluster
from cnn.jobs.dispatcher import INTERRUPTED, Dispatcher
from cnn.jobs.record import update_status
from cnn.jobs.sweep import sweep

log = logging.getLogger(__name__)

SECONDS_BETWEEN_STEPS = 0.25
SECONDS_BEFORE_RETRY = 3.0
SECONDS_BETWEEN_SWEEPS = 600.0


class Engine:
    """Runs the queue of one ``CNN_HOME`` in a thread of its own, until ``close``.

    Of several servers on one ``CNN_HOME`` only the leader runs jobs; when it is gone, another takes over. For the
    processes that do the work see ``cnn.jobs.cluster``. ``problem`` is the sentence to show while ``ready`` is false,
    or None.
    """

    def __init__(self) -> None:
        self.problem: str | None = None
        self._home = home()
        self._closing = threading.Event()
        self._job_ended = threading.Event()
        self._slots = -1
        self._swept = float("-inf")  # when, by a clock that nobody sets
        self._lock: IO[str] = (self._home / "engine.lock").open("a")  # held by the leader
        self.is_leader = self._try_to_lead()
        self._thread = threading.Thread(target=self._run, name="training-engine", daemon=True)

    @classmethod
    def start(cls) -> "Engine":
        """Start running the queue of ``CNN_HOME``; returns at once, ``ready`` tells when jobs can run.

        Raises:
            CnnError: ``CNN_HOME`` cannot be written to.
        """
        try:
            engine = cls()
        except OSError as error:
            raise CnnError(
                f"The data folder {home()} cannot be written to ({error.strerror}). Free some space on its disk, "
                "or set CNN_HOME to a folder you may write to."
            ) from error
        engine._thread.start()
        return engine

    def ready(self) -> bool:
        """Whether jobs can run now: a scheduler and a worker are up, here or at the leading server."""
        return self.slots() > 0

    def slots(self) -> int:
        """The number of jobs that can run at once; 0 while no worker is up."""
        return max(0, self._slots) if self.is_leader else queue.slots()

    def close(self) -> None:
        """End the workers; running jobs become ``interrupted``, queued ones wait for the next server."""
        self._closing.set()
        self._job_ended.set()
        self._thread.join()
        self._lock.close()

    def _try_to_lead(self) -> bool:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self._publish_slots(0)
        return True

    def _run(self) -> None:
        while not self.is_leader and not self._closing.wait(1.0):
            self.is_leader = self._try_to_lead()
        while not self._closing.is_set():
            try:
                with open_cluster(self._home) as cluster:
                    self._interrupt_orphaned_jobs()
                    self._dispatch_jobs(cluster)
            except CnnError as error:
                self.problem = str(error)
                log.warning("%s", error)
            except Exception:
                self.problem = f"The training engine broke off and starts again. Details: {self._home / 'logs'}."
                log.exception("The training engine broke off")
            self._closing.wait(SECONDS_BEFORE_RETRY)
        if self.is_leader:
            self._interrupt_orphaned_jobs()
            self._publish_slots(0)

    def _dispatch_jobs(self, cluster: Cluster) -> None:
        dispatcher = Dispatcher(cluster, self._home, on_change=self._job_ended.set)
        try:
            while not self._closing.is_set():
                self._sweep_now_and_then()
                self._job_ended.clear()
                self._publish_slots(dispatcher.step())
                self.problem = None
                self._job_ended.wait(SECONDS_BETWEEN_STEPS)
        finally:
            self._publish_slots(0)

    def _interrupt_orphaned_jobs(self) -> None:
        """Give every job that is still marked as running, though no worker runs it, the state it ended in."""
        try:
            queue.remove_leftovers()
            for job in queue.jobs(states=["running"]):
                if queue.stop_requested(job.folder):
                    update_status(job, "stopped")
                else:
                    update_status(job, "interrupted", INTERRUPTED)
        except (OSError, CnnError):
            log.exception("A run could not be marked as interrupted")

    def _sweep_now_and_then(self) -> None:
        """Delete runs whose owners have not been back; whatever is wrong there must not keep others from training."""
        if time.monotonic() - self._swept < SECONDS_BETWEEN_SWEEPS:
            return
        self._swept = time.monotonic()
        try:
            if swept := sweep():
                log.warning("Deleted, because their browsers have not been back: %s", ", ".join(swept))
        except (OSError, CnnError) as error:
            log.warning("Runs whose browsers have not been back could not be deleted: %s", error)

    def _publish_slots(self, slots: int) -> None:
        if slots == self._slots:
            return
        self._slots = slots
        try:
            write_json(self._home / "engine.json", {"slots": slots, "pid": os.getpid()})
        except OSError:
            log.exception("engine.json could not be written")
