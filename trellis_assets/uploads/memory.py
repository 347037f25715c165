"""What is known of the uploads: one object in the store, written whole, never by two at once.

A look at 10,000 uploads reads it once, or not at all if the listing is the one of the last look.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from trellis_assets.store import NotStored, Store

from .errors import UploadBusy

MEMORY_KEY = "uploads/memory.json"
_VERSION = 1


class KnownFile(NamedTuple):
    """One image that was looked at."""

    version: str
    sha256: str
    asset_id: str


class KnownAsset(NamedTuple):
    """One game asset that came by upload, as it was handed over the last time."""

    sha256: str
    path: str
    told: Mapping[str, Any]


class Pending(NamedTuple):
    """A run that was asked for and is not known to exist yet."""

    run_key: str
    nodes: tuple[str, ...]


@dataclass
class Memory:
    """Files by path, game assets and pending runs by asset_id."""

    files: dict[str, KnownFile] = field(default_factory=dict)
    assets: dict[str, KnownAsset] = field(default_factory=dict)
    pending: dict[str, Pending] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    """Version by path of what the last look left for the next one."""
    receipts: list[str] = field(default_factory=list)
    """Of messages to delete from the queue once nothing is pending."""
    stored: bytes | None = None
    """As it was read; None if there was none."""

    @cached_property
    def by_content(self) -> dict[str, str]:
        """asset_id by SHA-256 of the image that was handed over the last time."""
        return {asset.sha256: asset_id for asset_id, asset in self.assets.items()}

    def as_bytes(self) -> bytes:
        """The object that is stored."""
        content = {
            "version": _VERSION,
            "files": self.files,
            "assets": self.assets,
            "pending": self.pending,
            "waiting": self.waiting,
            "receipts": self.receipts,
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def load_memory(store: Store) -> Memory:
    """The memory of the uploads; an empty one before the first look."""
    try:
        data = store.read(MEMORY_KEY)
    except NotStored:
        return Memory()
    content = json.loads(data)
    if content.get("version") != _VERSION:
        # Looking at every upload again costs time and nothing else.
        return Memory(stored=data)
    return Memory(
        files={path: KnownFile(*each) for path, each in content["files"].items()},
        assets={name: KnownAsset(*each) for name, each in content["assets"].items()},
        pending={
            name: Pending(run_key, tuple(nodes))
            for name, (run_key, nodes) in content["pending"].items()
        },
        waiting=content["waiting"],
        receipts=content["receipts"],
        stored=data,
    )


def save_memory(store: Store, memory: Memory) -> None:
    """Store ``memory`` if it changed.

    Raises:
        UploadBusy: another sensor has written it since it was read; nothing is stored.
    """
    data = memory.as_bytes()
    if data == memory.stored:
        return
    if memory.stored is None:
        saved = store.create(MEMORY_KEY, data)
    else:
        saved = store.replace(MEMORY_KEY, memory.stored, data)
    if not saved:
        raise UploadBusy(
            f"{store.location(MEMORY_KEY)} was written by another sensor meanwhile",
            fix="let only one Dagster watch these uploads",
        )
    memory.stored = data
