"""Takes jobs from the queue on disk and gives them to Dask: one for each free slot, never ahead."""

import logging
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from distributed import Future
from distributed.scheduler import KilledWorker

from cnn.errors import CnnError, JobError
from cnn.jobs import queue
from cnn.jobs.cluster import Cluster, check_fit
from cnn.jobs.queue import max_seconds_per_job
from cnn.jobs.record import update_status
from cnn.jobs.worker import CRASHED, FULL_DISK, STOPPING, is_full_disk, run_job

log = logging.getLogger(__name__)

SECONDS_TO_NOTICE_A_STOP = 10
SECONDS_TO_STOP = 60
SECONDS_TO_COME_BACK = 120
JOBS_PER_WORKER = 20  # Keras leaks about 4 MB a fit

INTERRUPTED = (
    "The training engine was restarted while this run was under way. Continue it to go on from its last epoch."
)
KILLED = "This run ended its worker process again and again, perhaps for lack of memory. Try smaller settings."


class Dispatcher:
    """The jobs one cluster has in hand. It keeps every future: a task nobody holds is forgotten by Dask."""

    def __init__(self, cluster: Cluster, home: Path, on_change: Callable[[], None]) -> None:
        self._cluster, self._client, self._home, self._on_change = cluster, cluster.client, home, on_change
        self._in_hand: dict[str, tuple[queue.Job, Future]] = {}
        self._killed: set[tuple[str, int]] = set()
        self._jobs_done: Counter[str] = Counter()
        self._workers: set[str] = set()
        self._leaving: set[str] = set()
        self._complete = time.monotonic()

    def step(self) -> int:
        """Look once: let go of what has ended, end what does not stop, fill the free slots.

        Returns:
            How many slots there are.

        Raises:
            JobError: the scheduler is lost, or a worker that came does not fit this server.
        """
        if not self._cluster.alive():
            raise JobError("The training engine lost its scheduler or its workers. It starts again.")
        for id, (given, future) in list(self._in_hand.items()):
            if future.done():
                self._let_go(given, future)
            else:
                self._enforce_stop(id)
        slots = self._count_slots()
        busy = sum(not future.done() for _, future in self._in_hand.values())
        if slots >= (self._cluster.slots or 0):
            self._complete = time.monotonic()
        elif (slots == 0 or busy == 0) and time.monotonic() - self._complete > SECONDS_TO_COME_BACK:
            raise JobError("A worker of the training engine did not come back. The engine starts again.")
        if slots > busy and not self._leaving:
            waiting = [job for job in queue.waiting() if job.id not in self._in_hand]
            for job in waiting[: slots - busy]:
                future = self._client.submit(run_job, str(self._home), job.id, pure=False)
                future.add_done_callback(lambda _: self._on_change())
                self._in_hand[job.id] = job, future
        return slots

    def _count_slots(self) -> int:
        threads = self._client.nthreads()
        new = threads.keys() - self._workers
        if self._cluster.slots is None and new:
            try:
                check_fit(self._client, self._home, sorted(new))
            except OSError:
                threads = {worker: count for worker, count in threads.items() if worker not in new}
        self._workers = set(threads)
        self._leaving &= self._workers
        return sum(threads.values())

    def _let_go(self, given: queue.Job, future: Future) -> None:
        try:
            job = queue.read(given.id)
            if job.state == "running" or job == given:  # otherwise it has said how it ended, or waits once more
                state, reason = self._outcome(future)
                update_status(job, state, reason)
        except OSError as error:
            log.warning("The end of %s cannot be written yet: %s", given.id, error)
            return
        except CnnError as error:
            log.warning("Run %s was lost: %s", given.id, error)
        else:
            if self._cluster.slots is not None and job.worker is not None:
                self._recycle(job, job.worker)
        del self._in_hand[given.id]

    def _outcome(self, future: Future) -> tuple[str, str | None]:
        """How a job ended that could not say so itself."""
        if future.status == "finished":
            state = future.result(timeout=10)
            return state, FULL_DISK if state == "failed" else None
        if future.status == "error":
            error = future.exception(timeout=10)
            if isinstance(error, KilledWorker):
                return "failed", KILLED
            log.error("A job broke off outside itself", exc_info=error)
            return "failed", FULL_DISK if is_full_disk(error) else CRASHED
        return "interrupted", INTERRUPTED

    def _enforce_stop(self, id: str) -> None:
        """Ask a job to stop that runs for too long; end the process of one that was asked and does not."""
        try:
            job = queue.read(id)
            if job.state != "running" or job.started is None or job.worker is None:
                return
            stop = job.folder / "stop"
            limit = max_seconds_per_job()
            if time.time() - job.started > limit and not stop.exists():
                stop.write_text(f"Stopped after {limit / 60:g} minutes, the longest a run may take on this server.")
            if not stop.exists():
                return
            patience = SECONDS_TO_STOP if job.reason == STOPPING else SECONDS_TO_NOTICE_A_STOP
            overdue = time.time() - stop.stat().st_mtime > patience and (id, job.attempt) not in self._killed
            if overdue and self._kill_worker(job, job.worker):
                self._killed.add((id, job.attempt))
        except (OSError, CnnError) as error:
            log.warning("Run %s could not be stopped: %s", id, error)

    def _recycle(self, job: queue.Job, worker: str) -> None:
        self._jobs_done[worker] += 1
        if self._jobs_done[worker] >= JOBS_PER_WORKER and self._kill_worker(job, worker):
            del self._jobs_done[worker]
            self._leaving.add(worker)

    def _kill_worker(self, job: queue.Job, worker: str) -> bool:
        """Have the worker's nanny end it, wherever that is, and start another; Dask runs an unfinished task again."""
        try:
            self._client.run(os.kill, job.pid, signal.SIGKILL, workers=[worker], nanny=True)
        except Exception:  # whatever went wrong over there: it is tried again, and no other run suffers
            log.warning("The worker %s could not be ended", worker, exc_info=True)
            return False
        return True
