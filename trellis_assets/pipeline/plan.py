"""The plan: which steps of a game asset are due, and why. A pure function of catalog and store."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Protocol

from trellis_assets.catalog import Waiver
from trellis_assets.finding import Finding
from trellis_assets.store import Store

from .fingerprint import fingerprint, tool_versions
from .node import Brief, Json, Node
from .record import StepRecord, StepState, read_record
from .step import files_are_there
from .verdict import Findings, judged, objection, obstacle
from .waivers import review_waivers

MISSING = "files are missing from the store"


@dataclass(frozen=True)
class DueStep:
    """A step that would be made now."""

    node: str
    why: str


@dataclass(frozen=True)
class HeldStep:
    """A step that is not made, because of a finding before it."""

    node: str
    why: str


@dataclass(frozen=True)
class AssetPlan:
    """What one game asset needs."""

    asset_id: str
    wanted: tuple[str, ...]
    """All nodes the entry asks for, in order."""
    due: tuple[DueStep, ...]
    """Those to make or to judge again, in order; empty if all is up to date."""
    held: tuple[HeldStep, ...] = ()
    """Those that wait until a finding is mended or waived."""
    findings: Mapping[str, Findings] = field(default_factory=dict)
    """Of each wanted step that was ever made, as they count today."""
    key: str = ""
    """Names this very change: what is wanted and what there is now. Going back to how it was is
    another change again. Empty if nothing is due."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes to make, in order: the first stale ones and all that follows from them."""
        return tuple(step.node for step in self.due)

    @property
    def refused(self) -> str:
        """Which variant has an error, in words: nothing comes after it that would be held back.

        Empty if all are good, or to be made or judged again.
        """
        variants = (node for node in self.wanted if node.startswith("variants/"))
        errors = ((node, objection(self.findings.get(node, ()))) for node in variants)
        told = (f"{node}: {why}" for node, why in errors if why and node not in self.nodes)
        return next(told, "")


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
    held: dict[str, HeldStep] = {}
    made_again: set[str] = set()
    states: dict[str, StepState] = {}
    for node in nodes.values():
        settings = node.settings(brief)
        if settings is None:
            continue
        wanted[node.name] = settings
        state = known.state(node.name)
        today = judged(state, brief) if state is not None else None
        stop = _stopped_by(node, held, made_again, states)
        if stop:
            held[node.name] = HeldStep(node.name, stop)
        elif why := _why_made(node, settings, made_again, states, state, known):
            due[node.name] = DueStep(node.name, why)
            made_again.add(node.name)
        elif today != state:
            due[node.name] = DueStep(node.name, "only judged again: a waiver changed or expired")
        if today is not None:
            states[node.name] = today
    return AssetPlan(
        brief.entry.id,
        tuple(wanted),
        tuple(due.values()),
        tuple(held.values()),
        findings={name: state.findings for name, state in states.items()},
        key=_key(nodes, wanted, states) if due else "",
    )


def review_catalog(
    plans: Iterable[AssetPlan], waivers: Iterable[Waiver], today: date
) -> list[Finding]:
    """What is to be said of the waivers of a whole catalog: expired, or accepting nothing."""
    steps = {
        (plan.asset_id, node): plan.findings.get(node) for plan in plans for node in plan.wanted
    }
    return review_waivers(waivers, steps, today)


def _stopped_by(
    node: Node,
    held: Mapping[str, HeldStep],
    made_again: Collection[str],
    states: Mapping[str, StepState],
) -> str:
    """The finding that holds ``node`` back, in words; empty if it may go on."""
    for name in node.inputs:
        if name in held:
            return held[name].why
        if name not in made_again and (stop := obstacle(states[name])):
            return f"{name}: {stop}"
    return ""


def _why_made(
    node: Node,
    settings: Mapping[str, Json],
    made_again: Collection[str],
    states: Mapping[str, StepState],
    state: StepState | None,
    known: Records,
) -> str:
    """Why the files of ``node`` are to be made, in words; empty if they are up to date."""
    if state is None:
        return "never made"
    for name in node.inputs:
        if name in made_again:
            return f"{name} is made again"
    inputs = {name: states[name].data_version for name in node.inputs}
    return _difference(node, settings, inputs, state, known)


def _difference(
    node: Node,
    settings: Mapping[str, Json],
    inputs: Mapping[str, str],
    state: StepState,
    known: Records,
) -> str:
    """Why the step is out of date, in words; empty if it is not."""
    if state.fingerprint == fingerprint(node, settings, inputs):
        return "" if known.files_are_there(state) else MISSING
    record = known.record(node.name)
    if record is None or record.fingerprint != state.fingerprint:
        return "it is being made"
    if record.code_version != node.code_version:
        return f"code {record.code_version} became {node.code_version}"
    for name, version in tool_versions(node).items():
        if record.tools.get(name) != version:
            return f"{name} {record.tools.get(name)} became {version}"
    for name, version in inputs.items():
        if record.inputs.get(name) != version:
            return f"{name} changed" if name in record.inputs else f"it is made from {name} now"
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
