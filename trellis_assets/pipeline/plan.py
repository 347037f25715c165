"""The plan: which steps of a game asset are due, and why. A pure function of catalog and store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from trellis_assets.store import Store

from .fingerprint import fingerprint, tool_versions
from .node import Brief, Json, Node
from .record import StepRecord, StepState, read_record
from .step import files_are_there

MISSING = "files are missing from the store"


@dataclass(frozen=True)
class DueStep:
    """A step that would be made now."""

    node: str
    why: str


@dataclass(frozen=True)
class AssetPlan:
    """What one game asset needs."""

    asset_id: str
    wanted: tuple[str, ...]
    """All nodes the entry asks for, in order."""
    due: tuple[DueStep, ...]
    """Those to make, in order; empty if all is up to date."""
    is_new: bool = False
    """Nothing of it was ever made."""
    key: str = ""
    """Names this very change: what is wanted and what there is now. Empty if nothing is due; the
    same only while neither side has moved, so that going back is a change as well."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes to make, in order: the first stale ones and all that follows from them."""
        return tuple(step.node for step in self.due)


class Records(Protocol):
    """What is known of the finished steps of one game asset."""

    def state(self, node: str) -> StepState | None:
        """The last finished step of ``node``; None if there is none."""
        ...

    def files_are_there(self, state: StepState) -> bool:
        """Whether its files are in the store with their recorded sizes."""
        ...

    def record(self, node: str) -> StepRecord | None:
        """All of it, to say what differs."""
        ...


@dataclass(frozen=True)
class StoredRecords:
    """Read from the store, each when it is asked for."""

    store: Store
    asset_id: str

    def state(self, node: str) -> StepState | None:
        """See :class:`Records`."""
        record = self.record(node)
        return None if record is None else record.state

    def files_are_there(self, state: StepState) -> bool:
        """See :class:`Records`."""
        return files_are_there(self.asset_id, state, self.store)

    def record(self, node: str) -> StepRecord | None:
        """See :class:`Records`."""
        return read_record(self.store, self.asset_id, node)


def plan_asset(
    nodes: Mapping[str, Node], brief: Brief, store: Store, records: Records | None = None
) -> AssetPlan:
    """Compare what the catalog wants with what the store has.

    Args:
        nodes: all nodes, inputs before what uses them.
        records: what is known already; by default it is read from the store.
    """
    known = records or StoredRecords(store, brief.entry.id)
    wanted: dict[str, Mapping[str, Json]] = {}
    due: dict[str, DueStep] = {}
    states: dict[str, StepState] = {}
    for node in nodes.values():
        settings = node.settings(brief)
        if settings is None:
            continue
        wanted[node.name] = settings
        state = known.state(node.name)
        stale_inputs = [name for name in node.inputs if name in due]
        if state is None:
            due[node.name] = DueStep(node.name, "never made")
        elif stale_inputs:
            due[node.name] = DueStep(node.name, f"{stale_inputs[0]} is made again")
        else:
            inputs = {name: states[name].data_version for name in node.inputs}
            why = _difference(node, settings, inputs, state, known)
            if why:
                due[node.name] = DueStep(node.name, why)
        if state is not None:
            states[node.name] = state
    key = _key(nodes, wanted, states) if due else ""
    return AssetPlan(brief.entry.id, tuple(wanted), tuple(due.values()), is_new=not states, key=key)


def _difference(
    node: Node,
    settings: Mapping[str, Json],
    inputs: Mapping[str, str],
    state: StepState,
    known: Records,
) -> str:
    """Why the state is out of date, in words; empty if it is not."""
    if state.fingerprint == fingerprint(node, settings, inputs):
        return "" if known.files_are_there(state) else MISSING
    record = known.record(node.name)
    if record is None or record.fingerprint != state.fingerprint:
        return "is being made"
    if record.code_version != node.code_version:
        return f"code {record.code_version} became {node.code_version}"
    for name, version in tool_versions(node).items():
        if record.tools.get(name) != version:
            return f"{name} {record.tools.get(name)} became {version}"
    for name, version in inputs.items():
        if record.inputs.get(name) != version:
            return f"{name} changed"
    changed = [key for key in settings if record.settings.get(key) != settings[key]]
    return f"settings changed: {', '.join(changed)}" if changed else "settings changed"


def _key(
    nodes: Mapping[str, Node],
    wanted: Mapping[str, Mapping[str, Json]],
    states: Mapping[str, StepState],
) -> str:
    sides = {
        name: [
            nodes[name].code_version,
            tool_versions(nodes[name]),
            dict(settings),
            states[name].fingerprint if name in states else "",
        ]
        for name, settings in wanted.items()
    }
    return sha256(json.dumps(sides, sort_keys=True).encode()).hexdigest()[:32]
