"""The plan: which steps of a game asset are due, and why. A pure function of catalog and store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from trellis_assets.catalog import Waiver
from trellis_assets.finding import Finding
from trellis_assets.store import Store

from .fingerprint import fingerprint, tool_versions
from .node import Brief, Json, Node
from .record import StepRecord, read_record
from .step import files_are_there
from .verdict import judged, obstacle
from .waivers import review_waivers


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
    records: Mapping[str, StepRecord] = field(default_factory=dict)
    """The last record of each wanted step that has one, with its findings as they count today."""


def plan_asset(nodes: Mapping[str, Node], brief: Brief, store: Store) -> AssetPlan:
    """Compare what the catalog wants with what the store has.

    Args:
        nodes: all nodes, inputs before what uses them.
    """
    wanted: list[str] = []
    due: dict[str, DueStep] = {}
    held: dict[str, HeldStep] = {}
    made_again: set[str] = set()
    records: dict[str, StepRecord] = {}
    for node in nodes.values():
        settings = node.settings(brief)
        if settings is None:
            continue
        wanted.append(node.name)
        record = read_record(store, brief.entry.id, node.name)
        today = judged(record, brief) if record is not None else None
        stop = _stopped_by(node, held, made_again, records)
        if stop:
            held[node.name] = HeldStep(node.name, stop)
        elif why := _why_made(node, settings, made_again, records, record, store):
            due[node.name] = DueStep(node.name, why)
            made_again.add(node.name)
        elif today != record:
            due[node.name] = DueStep(node.name, "only judged again: a waiver changed or expired")
        if today is not None:
            records[node.name] = today
    return AssetPlan(
        brief.entry.id, tuple(wanted), tuple(due.values()), tuple(held.values()), records
    )


def review_catalog(
    plans: Iterable[AssetPlan], waivers: Iterable[Waiver], today: date
) -> list[Finding]:
    """What is to be said of the waivers of a whole catalog: expired, or accepting nothing."""
    steps = {
        (plan.asset_id, node): plan.records[node].findings if node in plan.records else None
        for plan in plans
        for node in plan.wanted
    }
    return review_waivers(waivers, steps, today)


def _stopped_by(
    node: Node,
    held: Mapping[str, HeldStep],
    made_again: Collection[str],
    records: Mapping[str, StepRecord],
) -> str:
    """The finding that holds ``node`` back, in words; empty if it may go on."""
    for name in node.inputs:
        if name in held:
            return held[name].why
        if name not in made_again and (stop := obstacle(records[name])):
            return f"{name}: {stop}"
    return ""


def _why_made(
    node: Node,
    settings: Mapping[str, Json],
    made_again: Collection[str],
    records: Mapping[str, StepRecord],
    record: StepRecord | None,
    store: Store,
) -> str:
    """Why the files of ``node`` are to be made, in words; empty if they are up to date."""
    if record is None:
        return "never made"
    for name in node.inputs:
        if name in made_again:
            return f"{name} is made again"
    inputs = {name: records[name].data_version for name in node.inputs}
    return _difference(node, settings, inputs, record, store)


def _difference(
    node: Node,
    settings: Mapping[str, Json],
    inputs: Mapping[str, str],
    record: StepRecord,
    store: Store,
) -> str:
    """Why the record is out of date, in words; empty if it is not."""
    if record.fingerprint == fingerprint(node, settings, inputs):
        return "" if files_are_there(record, store) else "files are missing from the store"
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
