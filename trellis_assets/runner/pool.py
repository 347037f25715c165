"""Worker processes, one run each at a time; one that dies takes nobody with it."""

from __future__ import annotations

import multiprocessing as mp
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from .events import RunEvent

Work = tuple[str, tuple[str, ...]]
"""asset_id and the nodes to materialize."""
Job = Callable[[str, Sequence[str], Callable[[RunEvent], None]], bool]


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    busy_with: str


def run_all(
    work: Mapping[str, Sequence[str]],
    report: Callable[[RunEvent], None],
    *,
    workers: int,
    job: Job,
    later: Connection | None = None,
) -> set[str]:
    """Run ``job`` for every game asset in worker processes.

    A process is started by spawning, so that no thread or native state is shared with this one.

    Args:
        work: nodes to make, by asset_id.
        report: called in this process for everything that happens.
        workers: processes at once.
        later: brings work that becomes ready on the way, and events, until its other end closes.

    Returns:
        The asset_ids whose run failed; the process of a crashed native library among them.
    """
    waiting = [(asset_id, tuple(nodes)) for asset_id, nodes in work.items()]
    waiting.reverse()
    failed: set[str] = set()
    crew: list[_Worker] = []
    idle: list[_Worker] = []
    try:
        while waiting or crew or later is not None:
            while waiting and len(crew) < workers:
                crew.append(_employ(job, waiting.pop(), idle))
            pipes = [worker.pipe for worker in crew]
            for pipe in wait(pipes if later is None else [*pipes, later]):
                if pipe is later:
                    later = _taken_in(later, waiting, report)
                    continue
                worker = next(worker for worker in crew if worker.pipe is pipe)
                event = _next_event(worker)
                report(event)
                if event.kind == "finished":
                    if event.text:
                        failed.add(event.asset_id)
                    crew.remove(worker)
                    idle.append(worker)
        for worker in idle:
            _dismiss(worker)
    finally:
        for worker in (*crew, *idle):
            worker.process.terminate()
            worker.process.join(10)
    return failed


def _taken_in(
    later: Connection, waiting: list[Work], report: Callable[[RunEvent], None]
) -> Connection | None:
    """Work goes to those who wait, events are reported; None once nothing more will come."""
    try:
        message = later.recv()
    except EOFError:
        later.close()
        return None
    if isinstance(message, RunEvent):
        report(message)
    else:
        waiting.insert(0, message)
    return later


def _employ(job: Job, work: Work, idle: list[_Worker]) -> _Worker:
    """A worker that has a process already, or a new one."""
    while idle:
        worker = idle.pop()
        if worker.process.is_alive():
            _give(worker, work)
            return worker
        _dismiss(worker)
    return _start(job, work)


def _start(job: Job, first: Work) -> _Worker:
    ours, theirs = mp.get_context("spawn").Pipe()
    process = mp.get_context("spawn").Process(target=_serve, args=(theirs, job), daemon=True)
    process.start()
    theirs.close()
    worker = _Worker(process, ours, "")
    _give(worker, first)
    return worker


def _give(worker: _Worker, work: Work) -> None:
    worker.busy_with = work[0]
    worker.pipe.send(work)


def _next_event(worker: _Worker) -> RunEvent:
    try:
        event: RunEvent = worker.pipe.recv()
    except (EOFError, ConnectionError):
        worker.process.join(10)
        text = f"the worker process ended with code {worker.process.exitcode}"
        return RunEvent(worker.busy_with, "finished", text=text)
    return event


def _dismiss(worker: _Worker) -> None:
    if worker.process.is_alive():
        worker.pipe.send(None)
    worker.process.join(10)
    worker.pipe.close()


def _serve(pipe: Connection, job: Job) -> None:
    """The life of a worker process."""
    # Native libraries share the cores among the workers instead of each taking all of them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    while (work := pipe.recv()) is not None:
        asset_id, nodes = work
        job(asset_id, nodes, pipe.send)
