"""The jobs behind the server: a bounded queue, worker threads, and a state that survives.

Threads and locks only, no event loop: the application may be reached from several loops, one
after the other or at once, as happens when it runs in process.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from trellis_assets.embedded.server_state import Job, JobState, Result
from trellis_assets.errors import TrellisAssetsError

log = logging.getLogger(__name__)


class Generator(Protocol):
    """Makes a GLB from an image: deterministic for image, settings and seed."""

    def __call__(
        self,
        image: bytes,
        settings: Mapping[str, Any],
        seed: int,
        progress: Callable[[str, float], None] | None,
    ) -> bytes:
        """The bytes of the GLB; raises ``TrellisAssetsError`` for an image it cannot use."""
        ...


class QueueFull(Exception):
    """As many results are waiting as the queue holds."""


class Closing(Exception):
    """The server is shutting down and takes no more tasks."""


class KnownTask(Exception):
    """The taskUUID was accepted before."""


class NoCredit(Exception):
    """The account's balance does not cover the task."""


class Jobs:
    """Accepts tasks, runs them on worker threads, remembers them in ``state``.

    ``finished`` is called with these jobs after each result, from a worker thread, and for what was
    not delivered before the process ended. Tasks that were not finished then are run again at the
    next start: the generator is deterministic.
    """

    def __init__(
        self,
        generator: Generator,
        state: JobState,
        *,
        finished: Callable[[Jobs, Job, Result], None],
        fetch: Callable[[str], bytes],
        workers: int = 1,
        queue: int = 64,
        price: Callable[[Mapping[str, Any]], float] = lambda _settings: 0.0,
        credit: float | None = None,
        default_ttl: float = 7 * 86400.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._generator, self._state = generator, state
        self._finished, self._fetch = finished, fetch
        self._queue, self._price, self._credit = queue, price, credit
        self._default_ttl, self._clock = default_ttl, clock
        self._lock = threading.RLock()
        self._closing = False
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="trellis-generator")
        self._jobs: dict[str, Job] = {job.task_uuid: job for job in state.load()}
        for job in self._jobs.values():
            self._start(job)

    def submit(
        self, task_uuid: str, body: Mapping[str, Any], image: bytes | str, *, base_url: str
    ) -> Job:
        """Accept a task durably and queue its results. ``image`` is bytes, or an address that the
        worker fetches; ``base_url`` is how the client reached us, for its webhooks. Raises
        ``KnownTask``, ``QueueFull``, ``NoCredit`` or ``Closing``.
        """
        price = self._price(body["settings"])
        count = int(body.get("numberResults", 1))
        with self._lock:
            if self._closing:
                raise Closing
            if self.find(task_uuid) is not None:
                raise KnownTask
            if self._waiting() + count > self._queue:
                raise QueueFull
            balance = self.balance()
            if balance is not None and price * count > balance + 1e-9:
                raise NoCredit
            self._sweep()
            first = body.get("seed")
            seed = secrets.randbits(32) if first is None else int(first)
            job = Job(
                task_uuid=task_uuid,
                body=dict(body),
                image_url=image if isinstance(image, str) else None,
                created=self._clock(),
                base_url=base_url,
                results=[
                    Result(index, (seed + index) % 2**63, str(uuid.uuid4()), price)
                    for index in range(count)
                ],
            )
            self._state.accept(job, image if isinstance(image, bytes) else None)
            self._jobs[task_uuid] = job
            self._start(job)
        return job

    def find(self, task_uuid: str) -> Job | None:
        """The job of a task, or None. One that another process with the same folder accepted is
        taken over from there: should both run it, both make the same bytes.
        """
        with self._lock:
            job = self._jobs.get(task_uuid)
            if job is None and not self._closing:
                job = self._state.task(task_uuid)
                if job is not None:
                    self._jobs[task_uuid] = job
                    self._start(job)
            return job

    def accepted(self) -> int:
        """How many tasks were ever accepted and are remembered."""
        with self._lock:
            return len(self._jobs)

    def balance(self) -> float | None:
        """What is left of the credit; None without one. A failed result is not charged."""
        if self._credit is None:
            return None
        with self._lock:
            spent = sum(
                result.cost
                for job in self._jobs.values()
                for result in job.results
                if result.status != "error"
            )
        return round(self._credit - spent, 6)

    def result_file(self, file_uuid: str) -> Path | None:
        """The file of a finished result that has not expired, or None."""
        with self._lock:
            self._sweep()
            return self._state.result_file(file_uuid)

    def save(self, job: Job) -> None:
        """Make a change of a job durable."""
        with self._lock:
            self._state.save(job)

    def close(self) -> None:
        """Take no more tasks, finish the running ones; the queued ones wait for the next start."""
        with self._lock:
            self._closing = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _waiting(self) -> int:
        return sum(
            result.status == "processing" for job in self._jobs.values() for result in job.results
        )

    def _start(self, job: Job) -> None:
        for result in job.results:
            if result.status == "processing":
                future = self._pool.submit(self._work, job, result)
                future.add_done_callback(partial(self._settle, job, result))
            elif not result.delivered:
                self._finished(self, job, result)

    def _work(self, job: Job, result: Result) -> None:
        image = self._fetch(job.image_url) if job.image_url else self._state.image(job)

        def progress(_stage: str, fraction: float) -> None:
            result.progress = min(99.0, max(0.0, 100.0 * fraction))

        glb = self._generator(image, job.body["settings"], result.seed, progress)
        if glb[:4] != b"glTF":
            raise ValueError("the generator returned something that is not a GLB")
        self._state.store_result(result.file_uuid, glb)

    def _settle(self, job: Job, result: Result, future: Future[None]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        with self._lock:
            if error is None:
                ttl = float(job.body.get("ttl") or self._default_ttl)
                result.status, result.expires = "success", self._clock() + ttl
            else:
                result.status = "error"
                result.code, result.message = _reason(error)
                log.error("task %s result %d failed", job.task_uuid, result.index, exc_info=error)
            try:
                self._state.save(job)
            except OSError:
                # The outcome stays known to this process; a restart would run the job again.
                log.exception("task %s could not be recorded", job.task_uuid)
        self._finished(self, job, result)

    def _sweep(self) -> None:
        now = self._clock()
        for job in self._jobs.values():
            for result in job.results:
                if result.status == "success" and not result.swept and result.expires <= now:
                    self._state.drop_result(result.file_uuid)
                    result.swept = True
                    if all(each.swept or each.status == "error" for each in job.results):
                        self._state.drop_image(job)


def _reason(error: BaseException) -> tuple[str, str]:
    """The code and message for the client: of expected refusals all that was said, of others
    nothing about the machine they happened on.
    """
    if isinstance(error, TrellisAssetsError):
        detail = getattr(error, "code", "")
        named = f" ({detail})" if isinstance(detail, str) and detail else ""
        return "invalidInputsImage", f"{error}{named}"
    if isinstance(error, FetchFailed):
        return "downloadFailed", str(error)
    return "inferenceError", f"The generator failed ({type(error).__name__})."


class FetchFailed(Exception):
    """The image at an address could not be had."""
