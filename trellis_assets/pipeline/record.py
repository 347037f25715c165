"""The record of a step: what was made, from what, and what there is to see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from trellis_assets.store import NotStored, Store

from .node import Json, asset_key

RECORD_VERSION = 1


@dataclass(frozen=True)
class FileRecord:
    """One file as it was written."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Look:
    """What there is to see; empty strings for a step without a picture."""

    picture: str = ""  # path below assets/<asset_id>/
    portrait: str = ""  # path below assets/<asset_id>/
    thumbnail: str = ""  # data URI of at most 20 kB
    glance: str = ""  # markdown of at most 980 characters


@dataclass(frozen=True)
class StepState:
    """The part of a record that decides whether the step is up to date and what may follow it."""

    node: str
    fingerprint: str
    data_version: str
    files: Mapping[str, int]
    """Bytes by path below ``assets/<asset_id>/``."""
    findings: tuple[Mapping[str, Json], ...]
    blocking: bool


@dataclass(frozen=True)
class StepRecord:
    """Written last, so that its presence means that all its files are there."""

    node: str
    asset_id: str
    fingerprint: str
    data_version: str
    code_version: str
    inputs: Mapping[str, str]
    settings: Mapping[str, Json]
    tools: Mapping[str, str]
    files: Mapping[str, FileRecord]
    made_at: str  # ISO 8601, UTC
    seconds: float
    look: Look = Look()
    facts: Mapping[str, Json] = field(default_factory=dict)
    findings: tuple[Mapping[str, Json], ...] = ()
    """As they were last judged: waived ones are marked."""
    evidence: Mapping[str, Look] = field(default_factory=dict)
    """What there is to see of a finding, by its ``picture``."""
    blocking: bool = True
    """An error among the findings stops what comes after this step."""
    version: int = RECORD_VERSION

    @property
    def state(self) -> StepState:
        """What the planner needs to know."""
        return StepState(
            node=self.node,
            fingerprint=self.fingerprint,
            data_version=self.data_version,
            files={name: file.bytes for name, file in self.files.items()},
            findings=self.findings,
            blocking=self.blocking,
        )

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(file.bytes for file in self.files.values())


def record_key(asset_id: str, node: str) -> str:
    """Where the record of a step lies in the store."""
    return asset_key(asset_id, f"steps/{node.replace('/', '.')}.json")


def read_record(store: Store, asset_id: str, node: str) -> StepRecord | None:
    """The last finished step of ``node``; None if there is none that this version can read."""
    try:
        data = store.read(record_key(asset_id, node))
    except NotStored:
        return None
    return _parsed(data)


def read_records(store: Store, asset_id: str) -> dict[str, StepRecord]:
    """All finished steps of a game asset by node, in the order in which they were made."""
    folder = asset_key(asset_id, "steps/")
    found = (_parsed(store.read(key)) for key in store.list(folder) if key.endswith(".json"))
    records = [record for record in found if record is not None]
    return {record.node: record for record in sorted(records, key=lambda record: record.made_at)}


def write_record(store: Store, record: StepRecord) -> None:
    """Store ``record``: from now on the step counts as done."""
    text = json.dumps(asdict(record), indent=1, sort_keys=True, allow_nan=False)
    store.write(record_key(record.asset_id, record.node), text.encode())


def _parsed(data: bytes) -> StepRecord | None:
    try:
        content: dict[str, Any] = json.loads(data)
    except ValueError:
        return None  # cut short by somebody else: the step is made again
    if content.get("version") != RECORD_VERSION:
        return None
    content["files"] = {name: FileRecord(**file) for name, file in content["files"].items()}
    content["look"] = Look(**content["look"])
    content["evidence"] = {name: Look(**look) for name, look in content.get("evidence", {}).items()}
    content["findings"] = tuple(content["findings"])
    return StepRecord(**content)
