"""Worker processes that judge files: each file with a deadline, and on Linux a limit on memory.

A file may be made to crash, hang or fill memory. It takes one process with it; that file gets a
finding, and all others go on.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from time import monotonic

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.finding import Finding
from trellis_assets.validation import ValidationError

from .check_file import Checked, CheckRequest, check_file, failed, refusal
from .check_pictures import (
    Drawn,
    draw_pictures,
    with_pictures,
    without_earlier_pictures,
    without_models,
)

MEMORY_BYTES = 2 << 30
_REAPED_SECONDS = 2.0  # a process that crashed is gone a moment after its pipe
_START_SECONDS = 120.0  # to import everything on a busy machine; no file is read before

_SPAWN = mp.get_context("spawn")
_READY, _DRAWN, _OUT_OF_MEMORY = "ready", "drawn", "out of memory"


class WorkerFailed(ValidationError):
    """A worker process could not even be started."""


def check_all(
    requests: Sequence[CheckRequest], *, workers: int, seconds: float, debug: bool = False
) -> Iterator[Checked]:
    """Judge files in worker processes; outcomes come as they are ready.

    Args:
        workers: processes at once.
        seconds: wall time for one file, and as long again for each of its pictures; when it is
            over, its process is ended. What goes wrong while drawing changes no finding.
        debug: let the workers write tracebacks to standard error.

    Raises:
        ValidationError: the Khronos validator is missing or failed, or no worker could be started.
    """
    crew = [_Worker(seconds, debug=debug) for _ in range(min(workers, len(requests)))]
    idle: SimpleQueue[_Worker] = SimpleQueue()
    for worker in crew:
        idle.put(worker)

    def judge(request: CheckRequest) -> Checked:
        worker = idle.get()
        try:
            return without_earlier_pictures(request, worker.judge(request))
        finally:
            idle.put(worker)

    executor = ThreadPoolExecutor(max(len(crew), 1))
    try:
        futures = [executor.submit(judge, request) for request in requests]
        for future in as_completed(futures):
            yield future.result()
    finally:
        # On Ctrl-C as well: what waits is dropped, what runs is ended.
        executor.shutdown(wait=False, cancel_futures=True)
        for worker in crew:
            worker.close()
        executor.shutdown()


class _Worker:
    """A process that judges one file after the other, and its replacement after it died."""

    def __init__(self, seconds: float, *, debug: bool) -> None:
        self._seconds = seconds
        self._debug = debug
        self._closed = False
        self._process: mp.process.BaseProcess | None = None
        self._pipe: Connection | None = None

    def judge(self, request: CheckRequest) -> Checked:
        """The outcome, whatever the file does."""
        pipe = self._pipe or self._start()
        started = monotonic()
        try:
            pipe.send(request)
            said = pipe.recv() if pipe.poll(self._seconds) else None
        except (EOFError, OSError):
            code = self.end(wait=_REAPED_SECONDS)
            return failed(request, _crashed(request, code), monotonic() - started)
        if isinstance(said, TrellisAssetsError):
            raise said
        if isinstance(said, Checked):
            return said if request.pictures is None else self._drawn(pipe, said)
        self.end()
        finding = _too_slow(request, self._seconds) if said is None else _out_of_memory(request)
        return failed(request, finding, monotonic() - started)

    def _drawn(self, pipe: Connection, checked: Checked) -> Checked:
        """The outcome with as many pictures as could be drawn.

        Each has its own time: of a large model on a busy machine they take long together, and as
        long as they come nothing hangs.
        """
        drawn: list[Drawn] = []
        try:
            while pipe.poll(self._seconds):
                said = pipe.recv()
                if said == _DRAWN:
                    return with_pictures(checked, drawn)
                if not isinstance(said, Drawn):
                    self.end()
                    problem = f"more than {MEMORY_BYTES >> 30} GiB of memory would be needed"
                    return with_pictures(checked, drawn, problem)
                drawn.append(said)
        except (EOFError, OSError):
            code = self.end(wait=_REAPED_SECONDS)
            problem = f"the process that drew them ended with code {code}"
            return with_pictures(checked, drawn, problem)
        self.end()
        return with_pictures(checked, drawn, f"the next was not drawn within {self._seconds:g} s")

    def close(self) -> None:
        """End it for good, a process that another thread is starting just now as well."""
        self._closed = True
        self.end()

    def end(self, *, wait: float = 0.0) -> int | None:
        """End the process and all it started.

        Args:
            wait: seconds in which it may still end by itself.

        Returns:
            Its exit code if it did.
        """
        process, self._process, self._pipe = self._process, None, None
        if process is None or process.pid is None:
            return None
        process.join(wait)
        code = process.exitcode
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)  # the validator's Node is in its group
        process.kill()
        process.join(10)
        return code

    def _start(self) -> Connection:
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_serve, args=(theirs, self._debug), daemon=True)
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours
        try:
            # Closed before the process was known here, or ended by whoever closes from now on.
            if not self._closed and ours.poll(_START_SECONDS) and ours.recv() == _READY:
                return ours
        except (EOFError, OSError):
            pass
        self.end()
        raise WorkerFailed(
            "a worker process could not be started", fix="run again with --debug to see why"
        )


def _serve(pipe: Connection, debug: bool) -> None:
    """The life of a worker process."""
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C is the parent's business, and it ends the whole group
    if not debug:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    # Arithmetic libraries reserve memory per thread; the files share the cores instead.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    _limit_memory()
    pipe.send(_READY)
    while True:
        try:
            request = pipe.recv()
        except EOFError:
            return
        try:
            checked = check_file(request)
            pipe.send(without_models(checked))
            if request.pictures is not None:
                for drawn in draw_pictures(request, checked):
                    pipe.send(drawn)
                pipe.send(_DRAWN)
        except MemoryError:
            pipe.send(_OUT_OF_MEMORY)
        except TrellisAssetsError as error:
            pipe.send(error)


def _limit_memory() -> None:
    """Private memory of this process, and of each it starts; the parent's deadline is all there is
    where the system has no such limit (macOS, Windows).
    """
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, hard))


def _too_slow(request: CheckRequest, seconds: float) -> Finding:
    return refusal(
        "file.slow",
        request.name,
        f"not judged within {seconds:g} s",
        "look for absurd counts or sizes; on a slow machine allow more with --timeout",
    )


def _out_of_memory(request: CheckRequest) -> Finding:
    return refusal(
        "file.memory",
        request.name,
        f"more than {MEMORY_BYTES >> 30} GiB of memory would be needed",
        "look for absurd counts or sizes, or split the model",
    )


def _crashed(request: CheckRequest, code: int | None) -> Finding:
    return refusal(
        "file.crash",
        request.name,
        f"the process that judged it ended with code {code}",
        "the file is damaged or hostile; export the model again, and report the file to us",
    )
