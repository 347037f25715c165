"""What the client tells: progress on the way, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from trellis_assets.trellis2.errors import TrellisError
from trellis_assets.trellis2.replies import ResultFile, TaskState


@dataclass(frozen=True)
class Progress:
    """One step of one task. ``stage``: intended, submitted, waiting, processing, downloading,
    stored, reused. ``fraction`` is 0..1 where the service tells it.
    """

    task_uuid: str
    stage: str
    fraction: float | None = None
    detail: str = ""


ProgressCallback = Callable[[Progress], None]


class Waker(Protocol):
    """Something that can end a pause early, because the task may have news (a webhook)."""

    async def pause(self, task_uuid: str, seconds: float) -> None:
        """Return after ``seconds``, or sooner when there is news of the task."""
        ...


@dataclass(frozen=True)
class Submission:
    """An accepted task. ``repeated``: the service knew it already, so an earlier try of ours had
    arrived. ``state`` has what the acknowledgement told, all of it for a synchronous task.
    """

    state: TaskState
    repeated: bool


@dataclass(frozen=True)
class GeneratedFile:
    """One downloaded model."""

    result: ResultFile
    glb: bytes


@dataclass(frozen=True)
class Generated:
    """What :meth:`TrellisClient.generate` returns: the models that came, the failures of those
    that did not, and the reported cost in USD.
    """

    task_uuid: str
    models: tuple[GeneratedFile, ...]
    failures: tuple[TrellisError, ...]
    cost: float | None


def tell(
    callback: ProgressCallback | None,
    task_uuid: str,
    stage: str,
    fraction: float | None,
    detail: str,
) -> None:
    if callback is not None:
        callback(Progress(task_uuid, stage, fraction, detail))
