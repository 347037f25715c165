"""One purchase on its way: who asks, with what, how patiently, and how it is closed."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, TypeVarTuple

import anyio.to_thread

from trellis_assets.trellis2.caps import Budget
from trellis_assets.trellis2.client import TrellisClient
from trellis_assets.trellis2.errors import EarlierFailure, TaskNotFound, TrellisError
from trellis_assets.trellis2.ledger import Attempt, Ledger
from trellis_assets.trellis2.outcomes import Progress, ProgressCallback
from trellis_assets.trellis2.replies import TaskState
from trellis_assets.trellis2.spec import GenerationSpec
from trellis_assets.trellis2.stored import error_record
from trellis_assets.trellis2.tasks import InferenceRequest

_Args = TypeVarTuple("_Args")
_T = TypeVar("_T")


@dataclass(frozen=True)
class Origin:
    """Who asks: kept in the record for the cost report; changes nothing of the result."""

    asset: str = ""
    run: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Patience:
    """How long to leave another worker alone, and how old a task may be. Seconds.

    ``takeover_s``: an intent that was not accepted for so long is submitted by whoever waits for
    it (under the same taskUUID). ``resubmit_s``: after so long a service may have forgotten a
    taskUUID, so that submitting it again could buy it twice; also after so long a service that
    does not know an accepted task is believed. ``upload_s``: how long after the result an upload
    to our bucket may take when nothing else brings the bytes; ``upload_check_s``: how long it is
    awaited when they are here already, only to know whether it came.
    """

    takeover_s: float = 15.0
    look_s: float = 0.25
    resubmit_s: float = 86_400.0
    upload_s: float = 120.0
    upload_check_s: float = 10.0


@dataclass
class Purchase:
    """What one call of ``generate_once`` works with. ``bought``: this call owns the
    intent. ``may_be_billed``: what to say of the money should the store fail now.
    """

    request: InferenceRequest
    image: bytes
    client: TrellisClient
    ledger: Ledger
    spec: GenerationSpec
    budget: Budget | None
    origin: Origin
    patience: Patience
    progress: ProgressCallback | None
    resubmit_unknown: bool
    estimate: float | None
    tell_again: bool = False
    bought: bool = False
    may_be_billed: bool | None = False
    owned: list[str] = field(default_factory=list)

    def tell(self, task_uuid: str, stage: str, detail: str = "") -> None:
        """Report a step to the caller."""
        if self.progress is not None:
            self.progress(Progress(task_uuid, stage, None, detail))


_mine: set[str] = set()  # taskUUIDs that calls of this process are submitting


@contextmanager
def working_on(purchase: Purchase) -> Iterator[None]:
    """While this lasts, the intents the purchase makes have a living owner."""
    try:
        yield
    finally:
        _mine.difference_update(purchase.owned)


def own(purchase: Purchase, task_uuid: str) -> None:
    """Note that the call behind ``purchase`` submits the task."""
    purchase.owned.append(task_uuid)
    _mine.add(task_uuid)


def worker_name() -> str:
    """The name of this process in the ledger."""
    return f"{socket.gethostname()}:{os.getpid()}"


def owner_is_gone(attempt: Attempt) -> bool:
    """Whether the worker of an intent is certainly dead: it ran on this machine, and there is no
    such process, or it is this one and no call of it has the task.
    """
    worker = str(attempt.records["intended"].get("worker", ""))
    if worker == worker_name():
        return attempt.task_uuid not in _mine
    host, _, pid = worker.rpartition(":")
    if os.name != "posix" or host != socket.gethostname() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)  # sends nothing; only asks whether there is such a process
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


async def fail(purchase: Purchase, attempt: Attempt, error: TrellisError) -> None:
    """Record the failure; a reservation is given back only when nothing was charged."""
    content = error_record(error)
    await blocking(purchase.ledger.record, attempt.number, "failed", content)
    if error.billed is False:
        await settle(purchase, attempt, 0.0)
    await blocking(purchase.ledger.write_summary)


async def settle(purchase: Purchase, attempt: Attempt, usd: float | None) -> None:
    """Replace the reservation by what was charged, when that is known."""
    paths = attempt.records["intended"].get("budget", [])
    if purchase.budget is not None and paths and usd is not None:
        name = purchase_name(purchase, attempt.number)
        await blocking(purchase.budget.settle, name, float(usd), paths)


def purchase_name(purchase: Purchase, number: int) -> str:
    """The name of an attempt in the budget."""
    return f"{purchase.spec.hash}/{number}"


def is_free(attempt: Attempt) -> bool:
    """Whether the attempt was at a generator that costs nothing: estimated and reported so."""
    estimated = attempt.records["intended"].get("estimateUsd") == 0
    return estimated and not attempt.records.get("succeeded", {}).get("costUsd")


def is_known(state: TaskState) -> bool:
    """Whether the service knows the task at all."""
    lost = all(isinstance(each, TaskNotFound) for each in state.failures)
    return bool(state.files or state.running or (state.failures and not lost))


def failure_of(attempt: Attempt) -> TrellisError:
    """The error for those who waited for an attempt that failed."""
    record: Mapping[str, Any] = attempt.records["failed"]
    return EarlierFailure(
        f"the worker that had this generation failed: {record.get('message', '')}",
        code=str(record.get("code", "")),
        task_uuid=attempt.task_uuid,
        billed=record.get("billed"),
    )


async def blocking(call: Callable[[*_Args], _T], *args: *_Args) -> _T:
    """Run a blocking call of the store on a thread."""
    return await anyio.to_thread.run_sync(call, *args)
