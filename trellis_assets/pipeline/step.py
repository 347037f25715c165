"""Run one node for one game asset, or find that it was done already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.store import Store, content_hash

from .fingerprint import data_version, fingerprint, tool_versions
from .node import Brief, Json, Made, Node, Progress, Workplace, asset_key
from .pictures import at_their_paths, stored_evidence, stored_look
from .record import FileRecord, StepRecord, StepState, read_record, record_key, write_record
from .report import REPORT, write_report
from .verdict import judge, judged, obstacle


class StepError(TrellisAssetsError):
    """A step cannot run: an input is missing, or the entry does not ask for it."""


class HeldBack(StepError):
    """A finding of an input stops this step."""


@dataclass(frozen=True)
class Step:
    """A step that is done."""

    record: StepRecord
    cached: bool
    """True if nothing had to be made."""


def run_step(node: Node, brief: Brief, store: Store, *, progress: Progress) -> Step:
    """Make the files of ``node``, unless they are there under the same fingerprint.

    The old record goes first, then come the files, then the picture, then the new record: whoever
    finds a record finds all its files, and a step killed half-way is simply made again.

    Raises:
        StepError: the entry does not want this node, or an input was never made.
        HeldBack: an input has a finding of severity ``error`` that nobody waived.
        TrellisAssetsError: the work itself was refused; nothing of this step is left behind.
    """
    settings = node.settings(brief)
    if settings is None:
        raise StepError(
            f"{brief.entry.id} does not ask for {node.name}",
            fix="add the profile to the entry, or leave this asset out of the selection",
        )
    inputs = _input_versions(node, brief, store)
    wanted = fingerprint(node, settings, inputs)
    record = read_record(store, brief.entry.id, node.name)
    if (
        record is not None
        and record.fingerprint == wanted
        and files_are_there(brief.entry.id, record.state, store)
    ):
        return Step(_judged_again(record, brief, store), cached=True)
    started = perf_counter()
    made = node.make(Workplace(brief, settings, store, progress))
    fresh = _stored(node, brief, store, made, wanted, inputs, settings, started)
    if node.is_delivery:
        write_report(brief, store)
    return Step(fresh, cached=False)


def judge_step(node: Node, brief: Brief, store: Store) -> Step:
    """Judge what was made before under the waivers of today; makes nothing.

    Raises:
        StepError: it was never made.
    """
    record = read_record(store, brief.entry.id, node.name)
    if record is None:
        raise StepError(
            f"{node.name} of {brief.entry.id} was never made", fix="materialize it first"
        )
    return Step(_judged_again(record, brief, store), cached=True)


def files_are_there(asset_id: str, state: StepState, store: Store) -> bool:
    """Whether every file of a step is in the store with its recorded size."""
    return all(store.size(asset_key(asset_id, name)) == size for name, size in state.files.items())


def _judged_again(record: StepRecord, brief: Brief, store: Store) -> StepRecord:
    """The record as it counts today, stored if that changed."""
    today = judged(record, brief)
    if today != record:
        write_record(store, today)
        if store.size(asset_key(record.asset_id, REPORT)) is not None:
            write_report(brief, store)
    return today


def _input_versions(node: Node, brief: Brief, store: Store) -> dict[str, str]:
    asset_id = brief.entry.id
    versions = {}
    for name in node.inputs:
        record = read_record(store, asset_id, name)
        if record is None:
            raise StepError(
                f"{node.name} of {asset_id} needs {name}, which was never made",
                fix=f"materialize {name} of this partition first",
            )
        if stop := obstacle(judged(record, brief)):
            raise HeldBack(f"{node.name} of {asset_id} is not made, because of {name}: {stop}")
        versions[name] = record.data_version
    return versions


def _stored(
    node: Node,
    brief: Brief,
    store: Store,
    made: Made,
    wanted: str,
    inputs: Mapping[str, str],
    settings: Mapping[str, Json],
    started: float,
) -> StepRecord:
    asset_id = brief.entry.id
    store.delete(record_key(asset_id, node.name))
    files = {}
    for name, data in made.files.items():
        store.write(asset_key(asset_id, name), data)
        files[name] = FileRecord(content_hash(data), len(data))
    record = StepRecord(
        node=node.name,
        asset_id=asset_id,
        fingerprint=wanted,
        data_version=data_version({name: file.sha256 for name, file in files.items()}),
        code_version=node.code_version,
        inputs=dict(inputs),
        settings=dict(settings),
        tools=tool_versions(node),
        files=files,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(perf_counter() - started, 3),
        look=stored_look(node, asset_id, store, made),
        facts=dict(made.facts),
        findings=judge(at_their_paths(node, made.findings), brief, node.name),
        evidence=stored_evidence(node, asset_id, store, made.evidence),
        blocking=node.blocking,
    )
    write_record(store, record)
    return record
