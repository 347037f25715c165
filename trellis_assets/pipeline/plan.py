"""The plan: which steps of a game asset are due, and why. A pure function of catalog and store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trellis_assets.store import Store

from .fingerprint import fingerprint, tool_versions
from .node import Brief, Json, Node
from .record import StepRecord, read_record
from .step import files_are_there


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


def plan_asset(nodes: Mapping[str, Node], brief: Brief, store: Store) -> AssetPlan:
    """Compare what the catalog wants with what the store has.

    Args:
        nodes: all nodes, inputs before what uses them.
    """
    wanted: list[str] = []
    due: dict[str, DueStep] = {}
    records: dict[str, StepRecord] = {}
    for node in nodes.values():
        settings = node.settings(brief)
        if settings is None:
            continue
        wanted.append(node.name)
        record = read_record(store, brief.entry.id, node.name)
        stale_inputs = [name for name in node.inputs if name in due]
        if record is None:
            due[node.name] = DueStep(node.name, "never made")
        elif stale_inputs:
            due[node.name] = DueStep(node.name, f"{stale_inputs[0]} is made again")
        else:
            inputs = {name: records[name].data_version for name in node.inputs}
            why = _difference(node, settings, inputs, record, store)
            if why:
                due[node.name] = DueStep(node.name, why)
        if record is not None:
            records[node.name] = record
    return AssetPlan(brief.entry.id, tuple(wanted), tuple(due.values()))


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
