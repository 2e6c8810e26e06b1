"""Moves jobs from the queue on disk to Dask: one for each free slot, never in advance."""

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
from cnn.jobs.cluster import Cluster, check_compatibility
from cnn.jobs.queue import max_seconds_per_job
from cnn.jobs.record import update_status
from cnn.jobs.worker import CRASHED, STOPPING, UNWRITABLE, is_unwritable, run_job

log = logging.getLogger(__name__)

SECONDS_TO_NOTICE_A_STOP = 10
SECONDS_TO_STOP = 60
SECONDS_TO_RESTART_WORKER = 120
JOBS_PER_WORKER = 20  # Keras leaks about 4 MB a fit

INTERRUPTED = (
    "The training engine was restarted while this run was under way. Continue it to go on from its last epoch."
)
KILLED = "This run ended its worker process again and again, perhaps for lack of memory. Try smaller settings."


class Dispatcher:
    """Submits jobs to one cluster and records how they end.

    It keeps every future, because Dask drops a task once no future refers to it.
    """

    def __init__(self, cluster: Cluster, home: Path, on_change: Callable[[], None]) -> None:
        self._cluster, self._client, self._home, self._on_change = cluster, cluster.client, home, on_change
        self._submitted: dict[str, tuple[queue.Job, Future]] = {}
        self._killed_attempts: set[tuple[str, int]] = set()
        # When an attempt was first seen running, and its stop first seen, by a clock that nobody sets and that stands
        # still while a laptop sleeps.
        self._seen: dict[tuple[str, int, str], float] = {}
        self._ended_jobs: Counter[str] = Counter()  # by worker
        self._workers: set[str] = set()
        self._retiring_workers: set[str] = set()
        self._all_workers_seen = time.monotonic()

    def step(self) -> int:
        """Do one round: release jobs that have ended, end those that ignore a stop, fill the free slots.

        Returns:
            The number of slots.

        Raises:
            JobError: the scheduler is lost, or a new worker is incompatible with this server.
        """
        if not self._cluster.is_alive():
            raise JobError("The training engine lost its scheduler or its workers. It starts again.")
        for submitted_job, future in list(self._submitted.values()):
            if future.done():
                self._release(submitted_job, future)
            else:
                self._enforce_stop(submitted_job.id)
        slots = self._count_slots()
        busy = sum(not future.done() for _, future in self._submitted.values())
        if slots >= (self._cluster.slots or 0):
            self._all_workers_seen = time.monotonic()
        elif (slots == 0 or busy == 0) and time.monotonic() - self._all_workers_seen > SECONDS_TO_RESTART_WORKER:
            raise JobError("A worker of the training engine did not come back. The engine starts again.")
        if slots > busy and not self._retiring_workers:
            self._submit_waiting(slots - busy)
        return slots

    def _count_slots(self) -> int:
        threads = self._client.nthreads()
        new = threads.keys() - self._workers
        if self._cluster.slots is None and new:
            try:
                check_compatibility(self._client, self._home, sorted(new))
            except OSError:
                threads = {worker: count for worker, count in threads.items() if worker not in new}
        self._workers = set(threads)
        self._retiring_workers &= self._workers
        return sum(threads.values())

    def _submit_waiting(self, limit: int) -> None:
        waiting = [job for job in queue.waiting() if job.id not in self._submitted]
        for job in waiting[:limit]:
            future = self._client.submit(run_job, str(self._home), job.id, pure=False)
            future.add_done_callback(lambda _: self._on_change())
            self._submitted[job.id] = job, future

    def _release(self, submitted_job: queue.Job, future: Future) -> None:
        id = submitted_job.id
        try:
            job = queue.read(id)
            # In any other case the job has recorded its own end, or is back in the queue.
            if job.state == "running" or job == submitted_job:
                update_status(job, *self._end_state(future))
        except OSError as error:
            log.warning("The end of %s cannot be written yet: %s", id, error)
            return
        except CnnError as error:
            log.warning("Run %s was lost: %s", id, error)
        else:
            if self._cluster.slots is not None and job.worker is not None:
                self._recycle_worker(job, job.worker)
        del self._submitted[id]
        self._seen = {key: at for key, at in self._seen.items() if key[0] != id}

    def _end_state(self, future: Future) -> tuple[str, str | None]:
        """State and reason for a job that could not record its own end."""
        if future.status == "finished":
            state = future.result(timeout=10)
            return state, UNWRITABLE if state == "failed" else None
        if future.status == "error":
            error = future.exception(timeout=10)
            if isinstance(error, KilledWorker):
                return "failed", KILLED
            log.error("A job broke off outside itself", exc_info=error)
            return "failed", UNWRITABLE if is_unwritable(error) else CRASHED
        return "interrupted", INTERRUPTED

    def _enforce_stop(self, id: str) -> None:
        """Request a stop of a job over its time limit; kill the worker of a job that ignores such a request."""
        try:
            job = queue.read(id)
            if job.state != "running" or job.started is None or job.worker is None:
                return
            stop = job.folder / "stop"
            limit = max_seconds_per_job()
            if self._seconds_since_seen(job, "running") > limit and not stop.exists():
                stop.write_text(f"Stopped after {limit / 60:g} minutes, the longest a run may take on this server.")
            if not stop.exists():
                return
            patience = SECONDS_TO_STOP if job.reason == STOPPING else SECONDS_TO_NOTICE_A_STOP
            overdue = self._seconds_since_seen(job, "stop") > patience
            if overdue and (id, job.attempt) not in self._killed_attempts and self._kill_worker(job, job.worker):
                self._killed_attempts.add((id, job.attempt))
        except (OSError, CnnError) as error:
            log.warning("Run %s could not be stopped: %s", id, error)

    def _seconds_since_seen(self, job: queue.Job, what: str) -> float:
        """Seconds since this was asked for the first time about an attempt of a job."""
        now = time.monotonic()
        return now - self._seen.setdefault((job.id, job.attempt, what), now)

    def _recycle_worker(self, job: queue.Job, worker: str) -> None:
        """Count a worker's jobs, and restart it after ``JOBS_PER_WORKER`` of them."""
        self._ended_jobs[worker] += 1
        if self._ended_jobs[worker] >= JOBS_PER_WORKER and self._kill_worker(job, worker):
            del self._ended_jobs[worker]
            self._retiring_workers.add(worker)

    def _kill_worker(self, job: queue.Job, worker: str) -> bool:
        """Let the nanny, on whatever machine, kill and replace its worker; Dask runs an unfinished task again."""
        try:
            self._client.run(os.kill, job.pid, signal.SIGKILL, workers=[worker], nanny=True)
        except Exception:  # whatever failed there is tried again next time, and must not affect other runs
            log.warning("The worker %s could not be ended", worker, exc_info=True)
            return False
        return True
