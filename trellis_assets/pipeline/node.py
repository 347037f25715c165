"""A node: one step that every game asset goes through, described without Dagster.

The Dagster assets, the planner and the command line all read the same description, so that what
is stale, what is made and what is shown can never disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.catalog import Entry, Profiles, Waiver
from trellis_assets.store import Store

Json = Any
"""None, bool, int, float, str, or lists and string-keyed dicts of them."""

Progress = Callable[[str, float], None]
"""Called with a stage in words and the share that is done, 0 to 1."""


@dataclass(frozen=True)
class Brief:
    """All that decides how one game asset is made."""

    entry: Entry
    profiles: Profiles
    catalog: Store
    generator: str
    """`embedded` or `runware`."""
    run: str = ""
    """On whose budget a purchase goes; changes nothing of what is made."""
    buy_again: bool = False
    """Somebody decided to buy again what failed after it was accepted."""
    waivers: tuple[Waiver, ...] = ()
    """All of the catalog; they decide what blocks, never what a mesh looks like."""
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    """On which waivers hold or have expired."""
    source_sha256: str = ""
    """Of the concept image or model that the entry names, where it is known without reading."""


@dataclass(frozen=True)
class Workplace:
    """What a node works with: its brief, its settings and the artefacts made before it."""

    brief: Brief
    settings: Mapping[str, Json]
    store: Store
    progress: Progress

    @property
    def entry(self) -> Entry:
        return self.brief.entry

    def read(self, file: str) -> bytes:
        """An artefact of this game asset, for example ``master.glb``."""
        return self.store.read(asset_key(self.entry.id, file))


@dataclass(frozen=True, eq=False)
class Evidence:
    """Where a finding lies: (H, W, 3 or 4) a sheet, and one view alone for small tiles."""

    sheet: NDArray[np.uint8]
    portrait: NDArray[np.uint8]


@dataclass(frozen=True)
class Made:
    """What a node made."""

    files: Mapping[str, bytes]
    """By path below ``assets/<asset_id>/``; these alone decide the data version."""
    picture: NDArray[np.uint8] | None = None
    """(H, W, 3 or 4) what a person should look at."""
    portrait: NDArray[np.uint8] | None = None
    """(S, S, 3 or 4) one view for small tiles; the picture serves where there is none."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """Measurements and settings worth showing; ``snake_case`` with the unit in the name."""
    findings: tuple[Mapping[str, Json], ...] = ()
    """What a rule objected to: severity, rule, message, fix …"""
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    """By the ``picture`` of a finding, for those that have one."""


@dataclass(frozen=True)
class Node:
    """A step of the graph.

    Attributes:
        name: unique, ``/`` separates groups of siblings: ``lod0``, ``variants/pc.prop``.
        inputs: names of the nodes whose files ``make`` reads.
        code_version: raised by hand whenever the same inputs would give other files.
        tools: installed distributions whose version changes the result.
        settings: the part of the brief that this node depends on; None if the entry does not
            want this node at all.
        make: the work; a function of the settings and the inputs' files alone.
        is_delivery: nothing comes after it; ``report.json`` is brought up to date.
        blocking: a finding of severity ``error`` that nobody waived stops what comes after it.
    """

    name: str
    inputs: tuple[str, ...]
    code_version: str
    tools: tuple[str, ...]
    settings: Callable[[Brief], Mapping[str, Json] | None]
    make: Callable[[Workplace], Made]
    is_delivery: bool = False
    blocking: bool = True


def asset_key(asset_id: str, file: str) -> str:
    """Where a file of a game asset lies in the store."""
    return f"assets/{asset_id}/{file}"
