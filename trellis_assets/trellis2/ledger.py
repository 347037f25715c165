"""The durable record of generation tasks, one folder per generation spec.

    generations/<spec-hash>/
        attempt-001/0-intended.json     taskUUID, spec, who and when: written before the POST
        attempt-001/0-gate.json         only after a refusal or a crash: see ``Ledger.gate``
        attempt-001/1-accepted.json     the service has the task
        attempt-001/2-succeeded.json    the service has the results: their uuid, seed, cost
        attempt-001/3-downloaded.json   the models are in the store: key, SHA-256, size
        attempt-001/3-failed.json       it came to nothing: the error, and whether it was billed
        model.glb, or candidate-1.glb … the models, never changed
        record.json                     the same story in one file, for people

A state is a file that is created once and never changed, so that each change is atomic on a
folder and on S3, and all workers see the same story: the first one to write a state defines it,
the others read what it wrote. The state of an attempt is the furthest file there is; a download
outranks a failure, because the bytes are there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from trellis_assets.store import Store
from trellis_assets.trellis2.errors import LedgerError

State = Literal["intended", "accepted", "succeeded", "downloaded", "failed"]

_FILES: Mapping[State, str] = {
    "intended": "0-intended.json",
    "accepted": "1-accepted.json",
    "succeeded": "2-succeeded.json",
    "failed": "3-failed.json",
    "downloaded": "3-downloaded.json",
}
_STATES: Mapping[str, State] = {name: state for state, name in _FILES.items()}
_ATTEMPT_KEY = re.compile(r"attempt-(\d{3,6})/([0-9a-z-]+\.json)")
_SPEC_KEY = re.compile(r"generations/([0-9a-f]{64})/attempt-")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Attempt:
    """One attempt at a generation, as far as it has come: what was written with each state."""

    number: int
    records: Mapping[State, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """The furthest state."""
        furthest: State = "intended"
        for state in _FILES:
            if state in self.records:
                furthest = state
        return furthest

    @property
    def task_uuid(self) -> str:
        """The task's UUID, chosen before anything was sent."""
        return str(self.records["intended"]["taskUUID"])

    @property
    def intended_at(self) -> datetime:
        """When the intent was written."""
        return datetime.fromisoformat(self.records["intended"]["at"])

    def has(self, state: State) -> bool:
        """Whether the attempt went through ``state``."""
        return state in self.records


class Ledger:
    """The attempts of one spec in a store. Reads and writes block; nothing is kept in memory."""

    def __init__(self, store: Store, spec_hash: str) -> None:
        if not _HASH.fullmatch(spec_hash):
            raise LedgerError(f"{spec_hash[:80]!r} is not a spec hash", billed=False)
        self._store = store
        self.spec_hash = spec_hash
        self.folder = f"generations/{spec_hash}"

    def attempts(self) -> tuple[Attempt, ...]:
        """All attempts, oldest first. One whose intent is not there yet is not an attempt."""
        found: dict[int, dict[State, Mapping[str, Any]]] = {}
        for key in self._store.list(f"{self.folder}/attempt-"):
            match = _ATTEMPT_KEY.fullmatch(key.removeprefix(f"{self.folder}/"))
            if match and match[2] in _STATES:
                record = self._read(key)
                found.setdefault(int(match[1]), {})[_STATES[match[2]]] = record
        return tuple(
            Attempt(number, records)
            for number, records in sorted(found.items())
            if "intended" in records
        )

    def attempt(self, number: int) -> Attempt:
        """One attempt, read afresh."""
        for attempt in self.attempts():
            if attempt.number == number:
                return attempt
        raise LedgerError(f"attempt {number} of {self.spec_hash} is not in the ledger")

    def record(self, number: int, state: State, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Write a state of an attempt, once. Returns what is written there: ``content``, or what
        another worker wrote first.
        """
        key = f"{self.folder}/attempt-{number:03d}/{_FILES[state]}"
        stamped = {"state": state, "at": now().isoformat(), **content}
        data = json.dumps(stamped, indent=2, sort_keys=True, allow_nan=False).encode() + b"\n"
        return stamped if self._store.create(key, data) else self._read(key)

    def gate(self, number: int, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Decide, once and for all workers, whether an attempt that was not accepted yet is closed
        by a refusal (``{"closed": {...error}}``) or may be submitted by somebody else than its
        owner (``{"closed": None}``). Returns what was decided first.
        """
        key = f"{self.folder}/attempt-{number:03d}/0-gate.json"
        data = json.dumps({"at": now().isoformat(), **content}, indent=2).encode() + b"\n"
        return content if self._store.create(key, data) else self._read(key)

    def model_key(self, attempt: int, index: int, count: int) -> str:
        """Where model ``index`` (from 0) of ``count`` lives. Later attempts have a folder of
        their own, so that no model is ever in the way of another.
        """
        name = "model.glb" if count == 1 else f"candidate-{index + 1}.glb"
        return (
            f"{self.folder}/{name}"
            if attempt == 1
            else (f"{self.folder}/attempt-{attempt:03d}/{name}")
        )

    def note_reuse(self, label: str) -> None:
        """Remember that ``label`` (an asset or run) was served from this record, once each."""
        name = re.sub(r"[^A-Za-z0-9_-]", "-", label).lstrip("-")[:64]
        if name:
            note = json.dumps({"by": label[:200], "at": now().isoformat()}).encode()
            self._store.create(f"{self.folder}/reused/{name}.json", note)

    def ensure_summary(self) -> None:
        """Write ``record.json`` where a crash has prevented it."""
        if not self._store.exists(f"{self.folder}/record.json"):
            self.write_summary()

    def write_summary(self) -> None:
        """Write ``record.json``. It only repeats the states, so that the last writer may win."""
        attempts = [
            {"attempt": each.number, "state": each.state, **each.records}
            for each in self.attempts()
        ]
        content = {"version": 1, "specHash": self.spec_hash, "attempts": attempts}
        data = json.dumps(content, indent=2, sort_keys=True).encode() + b"\n"
        self._store.write(f"{self.folder}/record.json", data)

    def _read(self, key: str) -> Mapping[str, Any]:
        try:
            content = json.loads(self._store.read(key))
        except ValueError as error:
            raise LedgerError(
                f"the ledger record {key} is not readable JSON",
                fix="restore it from a backup; deleting it could buy the generation again",
            ) from error
        if not isinstance(content, dict):
            raise LedgerError(f"the ledger record {key} is not an object")
        return content


def ledgers(store: Store) -> Iterator[Ledger]:
    """The ledger of every spec in the store."""
    seen = ""
    for key in store.list("generations/"):
        match = _SPEC_KEY.match(key)
        if match and match[1] != seen:
            seen = match[1]
            yield Ledger(store, seen)


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)
