"""What the API answers, in every shape it has been seen to use.

A reply is ``{"data": [...], "errors": [...]}``, either part optional; also ``{"error": ...}``, a
bare array, an error with HTTP 200, a failure with HTTP 400 to a poll. Items are matched by
``taskUUID``, never by position; unknown fields are ignored. Replies are cumulative: each one
describes the whole task, so a :class:`TaskState` replaces the one before it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trellis_assets.trellis2.classify import error_from_item
from trellis_assets.trellis2.errors import TrellisError
from trellis_assets.trellis2.tasks import TASK_TYPE

_RUNNING_WORDS = ("processing", "pending", "queued", "scheduled", "waiting", "running")
_SERVICE_STATUS = (401, 403, 408, 429)
_MOST_ITEMS = 64  # far above 4 results; bounds what a hostile reply can make us keep


@dataclass(frozen=True)
class Envelope:
    """A parsed reply: its HTTP status, items and error objects."""

    http_status: int
    data: tuple[Mapping[str, Any], ...]
    errors: tuple[Mapping[str, Any], ...]
    retry_after: float | None = None


@dataclass(frozen=True)
class ResultFile:
    """One finished model: where it is, and the seed and cost (USD) of its item, when told."""

    uuid: str
    url: str = field(repr=False)
    seed: int | None = None
    cost: float | None = None


@dataclass(frozen=True)
class TaskState:
    """All that is known of a task: finished files, failures, and how many still run."""

    task_uuid: str
    files: tuple[ResultFile, ...] = ()
    failures: tuple[TrellisError, ...] = ()
    running: int = 0
    progress: float | None = None
    unknown_words: tuple[str, ...] = ()
    mentioned: bool = False

    def is_final(self, expected: int) -> bool:
        """Whether nothing more will come: all results are in, or the task failed as a whole."""
        if len(self.files) >= expected:
            return True
        if self.running:
            return False
        return len(self.files) + len(self.failures) >= expected

    @property
    def cost(self) -> float | None:
        """The reported cost in USD of all items together; None when none was reported."""
        told = [item.cost for item in self.files if item.cost is not None]
        return round(math.fsum(told), 6) if told else None


def parse_envelope(body: Any, http_status: int, retry_after: float | None = None) -> Envelope:
    """The envelope of a decoded JSON body of any known shape."""
    if isinstance(body, list):
        body = {"data": body}
    if not isinstance(body, Mapping):
        return Envelope(http_status, (), (), retry_after)
    errors = _objects(body.get("errors"))
    if not errors and "error" in body:
        errors = (body,)
    return Envelope(http_status, _objects(body.get("data")), errors, retry_after)


def task_state(
    envelope: Envelope, task_uuid: str, *, scrub: Callable[[str], str] = str
) -> TaskState:
    """The state of one task as this reply tells it."""
    files: dict[str, ResultFile] = {}
    failures: list[TrellisError] = []
    running, progress, words, mentioned = 0, [], [], False
    for item in envelope.data:
        if not _is_ours(item, task_uuid):
            continue
        mentioned = True
        status = str(item.get("status") or "").lower()
        found = _files_of(item)
        if found:
            files.update((each.uuid, each) for each in found)
        elif status == "error" or "error" in item or "code" in item:
            if not _reason_is_elsewhere(item, envelope):
                failures.append(
                    error_from_item(item, task_uuid=task_uuid, accepted=True, scrub=scrub)
                )
        else:
            running += 1
            progress.append(_number(item.get("progress")) or 0.0)
            if status and status not in _RUNNING_WORDS:
                words.append(status[:40])
    for item in envelope.errors:
        if is_task_failure(item, envelope, task_uuid):
            mentioned = True
            failures.append(error_from_item(item, task_uuid=task_uuid, accepted=True, scrub=scrub))
    share = min(100.0, max(0.0, sum(progress) / len(progress))) if any(progress) else None
    return TaskState(
        task_uuid, tuple(files.values()), tuple(failures), running, share, tuple(words), mentioned
    )


def is_task_failure(item: Mapping[str, Any], envelope: Envelope, task_uuid: str) -> bool:
    """Whether an error object says that the task failed, not that the poll did."""
    named = item.get("taskUUID")
    if isinstance(named, str) and named.lower() != task_uuid:
        return False
    if item.get("status") == "error":
        return True
    service = envelope.http_status in _SERVICE_STATUS or envelope.http_status >= 500
    return isinstance(named, str) and not service


def _is_ours(item: Mapping[str, Any], task_uuid: str) -> bool:
    named = item.get("taskUUID")
    kind = item.get("taskType", TASK_TYPE)
    return isinstance(named, str) and named.lower() == task_uuid and kind == TASK_TYPE


def _reason_is_elsewhere(item: Mapping[str, Any], envelope: Envelope) -> bool:
    """An item that only says "error", its reason being in ``errors``, would count twice."""
    bare = "error" not in item and "code" not in item and "message" not in item
    return bare and bool(envelope.errors)


def _files_of(item: Mapping[str, Any]) -> list[ResultFile]:
    outputs = item.get("outputs")
    listed = _objects(outputs.get("files")) if isinstance(outputs, Mapping) else ()
    fallback = item.get("modelURL")  # one client in the field has seen this
    if not listed and isinstance(fallback, str):
        listed = ({"url": fallback},)
    seed, cost = _integer(item.get("seed")), _number(item.get("cost"))
    found: list[ResultFile] = []
    for entry in listed:
        url = entry.get("url")
        if isinstance(url, str) and 0 < len(url) <= 8192:
            uuid = entry.get("uuid")
            name = uuid[:128] if isinstance(uuid, str) and uuid else url
            # The cost is the item's: counted once, with its first file.
            found.append(ResultFile(name, url, seed, cost if not found else None))
    return found


def _objects(value: object) -> tuple[Mapping[str, Any], ...]:
    if isinstance(value, Mapping):
        return (value,)
    if isinstance(value, list):
        return tuple(item for item in value[:_MOST_ITEMS] if isinstance(item, Mapping))
    return ()


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    number = float(value)
    return number if math.isfinite(number) and number >= 0 else None


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
