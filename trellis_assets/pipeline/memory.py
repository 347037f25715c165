"""What the planner remembers from one time to the next, so that it reads only what has changed.

A plan is a function of the entry, its image or model, the step records, the sizes of their files,
and what is the same for all game assets (the basis: profiles, waivers, code, tools, generator).
Everything is kept with the stamp under which it was read. A plan is taken from memory only if every
one of these stamps still holds; otherwise it is made anew, and only what has another stamp is read
again.

Memory is speed and nothing else: it may be deleted at any time, by hand as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import trellis_assets
from trellis_assets.catalog import Catalog, entry_key, load_catalog
from trellis_assets.store import NotStored, Sight, Stamp, Store, StoreUnavailable

from .node import Json, asset_key
from .plan import AssetPlan, DueStep, HeldStep
from .record import StepRecord, StepState, read_record, record_key

FOLDER = "catalog/plans"
_VERSION = 2


class Memory:
    """One small file in the store for each of 256 groups of game assets."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._groups: dict[str, dict[str, AssetMemory]] = {}
        self._changed: set[str] = set()

    def of(self, asset_id: str) -> AssetMemory:
        """What is remembered of a game asset; to be changed in place by its own methods."""
        name = sha256(asset_id.encode()).hexdigest()[:2]
        if name not in self._groups:
            self._groups[name] = {
                key: AssetMemory(content) for key, content in self._read(name).items()
            }
        return self._groups[name].setdefault(asset_id, AssetMemory({}))

    def known_entry(self, key: str, stamp: Stamp | None) -> Json | None:
        """See :class:`~trellis_assets.catalog.load.KnownEntries`."""
        asset_id = _asset_of(key)
        return self.of(asset_id).entry(stamp) if asset_id else None

    def learn_entry(self, key: str, stamp: Stamp | None, content: Json) -> None:
        """See :class:`~trellis_assets.catalog.load.KnownEntries`."""
        asset_id = _asset_of(key)
        if asset_id:
            self.of(asset_id).learn_entry(stamp, content)

    def save(self) -> None:
        """Write what has changed; a store that takes no writes costs speed, nothing else."""
        for name, group in self._groups.items():
            if any(each.changed for each in group.values()):
                content = {key: each.content for key, each in group.items() if each.content}
                text = json.dumps({"version": _VERSION, "game_assets": content})
                try:
                    self._store.write(f"{FOLDER}/{name}.json", text.encode())
                except StoreUnavailable:
                    return

    def _read(self, name: str) -> Mapping[str, dict[str, Json]]:
        try:
            content = json.loads(self._store.read(f"{FOLDER}/{name}.json"))
        except (NotStored, ValueError):
            return {}
        if not isinstance(content, dict) or content.get("version") != _VERSION:
            return {}
        kept: Mapping[str, dict[str, Json]] = content["game_assets"]
        return kept


def remembered_catalog(source: Store, store: Store) -> Catalog:
    """The catalog, of which only the files that have changed are read.

    Raises:
        CatalogError: there is no usable catalog.
    """
    memory = Memory(store)
    catalog = load_catalog(source, memory)
    memory.save()
    return catalog


class AssetMemory:
    """What is remembered of one game asset.

    ``content`` is JSON with short lists, since there are very many:
    ``entry`` [size, version, content], ``source`` [key, size, version, sha256],
    ``steps`` {node: [size, version, fingerprint, data version, {file: bytes}, findings, blocking]},
    ``plan`` [basis, wanted, due, held, {node: findings}, key].
    """

    def __init__(self, content: dict[str, Json]) -> None:
        self.content = content
        self.changed = False

    def entry(self, stamp: Stamp | None) -> Json | None:
        """The content of its entry if that is still under this stamp."""
        kept = self.content.get("entry")
        return kept[2] if kept and stamp is not None and stamp.is_still(kept[0], kept[1]) else None

    def learn_entry(self, stamp: Stamp | None, content: Json) -> None:
        """The entry was read."""
        if stamp is not None:
            self._learn("entry", [*stamp, content])

    def source(self, key: str, stamp: Stamp | None) -> str:
        """SHA-256 of the concept image or model if it is still under this stamp; else empty."""
        kept = self.content.get("source")
        if not kept or stamp is None or kept[0] != key or not stamp.is_still(kept[1], kept[2]):
            return ""
        return str(kept[3])

    def learn_source(self, key: str, stamp: Stamp | None, content_sha256: str) -> None:
        """The concept image or model was read."""
        if stamp is not None:
            self._learn("source", [key, *stamp, content_sha256])

    def step(self, node: str, stamp: Stamp) -> StepState | None:
        """The state of a step if its record is still under this stamp."""
        kept = self.content.get("steps", {}).get(node)
        if not kept or not stamp.is_still(kept[0], kept[1]):
            return None
        return StepState(node, kept[2], kept[3], kept[4], tuple(kept[5]), blocking=kept[6])

    def learn_step(self, node: str, stamp: Stamp, state: StepState) -> None:
        """The record of a step was read."""
        steps = self.content.setdefault("steps", {})
        steps[node] = [
            *stamp,
            state.fingerprint,
            state.data_version,
            dict(state.files),
            list(state.findings),
            state.blocking,
        ]
        self._forget_plan()

    def forget_step(self, node: str) -> None:
        """There is no record of this step."""
        if self.content.get("steps", {}).pop(node, None) is not None:
            self._forget_plan()

    def plan(self, asset_id: str, basis: str, sight: Sight) -> AssetPlan | None:
        """The plan that was made last if nothing it depends on has changed.

        The entry and its image or model must have been asked for before: learning either anew
        forgets the plan.
        """
        kept = self.content.get("plan")
        if not kept or kept[0] != basis:
            return None
        steps = self.content.get("steps", {})
        if not all(_holds(asset_id, node, steps.get(node), sight) for node in kept[1]):
            return None
        return AssetPlan(
            asset_id,
            tuple(kept[1]),
            tuple(DueStep(node, why) for node, why in kept[2]),
            tuple(HeldStep(node, why) for node, why in kept[3]),
            findings={node: tuple(kept[4].get(node, ())) for node in kept[1] if node in steps},
            key=kept[5],
        )

    def learn_plan(self, basis: str, plan: AssetPlan) -> None:
        """The plan was made from what is remembered now."""
        self.content["plan"] = [
            basis,
            list(plan.wanted),
            [[step.node, step.why] for step in plan.due],
            [[step.node, step.why] for step in plan.held],
            {node: list(found) for node, found in plan.findings.items() if found},
            plan.key,
        ]
        self.changed = True

    def _learn(self, part: str, value: list[Json]) -> None:
        self.content[part] = value
        self._forget_plan()

    def _forget_plan(self) -> None:
        self.content.pop("plan", None)
        self.changed = True


class RememberedRecords:
    """The records of a game asset: from memory where the stamp still holds, else read again."""

    def __init__(self, store: Store, asset_id: str, memory: AssetMemory, sight: Sight) -> None:
        self._store = store
        self._asset_id = asset_id
        self._memory = memory
        self._sight = sight

    def state(self, node: str) -> StepState | None:
        """See :class:`.plan.Records`."""
        # The stamp first: a record that is replaced in between has another one the next time.
        stamp = self._sight.stamp(record_key(self._asset_id, node))
        if stamp is None:
            self._memory.forget_step(node)
            return None
        known = self._memory.step(node, stamp)
        if known is not None:
            return known
        record = self.record(node)
        if record is None:
            return None
        self._memory.learn_step(node, stamp, record.state)
        return record.state

    def files_are_there(self, state: StepState) -> bool:
        """See :class:`.plan.Records`."""
        return _files_are_there(self._asset_id, state.files, self._sight)

    def record(self, node: str) -> StepRecord | None:
        """See :class:`.plan.Records`."""
        return read_record(self._store, self._asset_id, node)


def _asset_of(key: str) -> str:
    """The asset_id of the entry under ``key``; empty if the name is not quite that of an entry."""
    asset_id = key.rpartition("/")[2].removesuffix(".yaml")
    return asset_id if key == entry_key(asset_id) else ""


@cache
def code_digest() -> str:
    """SHA-256 of our own source: other code may see another plan in the same files.

    Once per process, because that is the code that runs, whatever is installed in the meantime.
    """
    root = Path(trellis_assets.__file__).parent
    digest = sha256()
    for file in sorted(root.rglob("*.py")):
        digest.update(f"{file.relative_to(root)}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _holds(asset_id: str, node: str, kept: Any, sight: Sight) -> bool:
    """Whether a step is as it was remembered: absent, or with its record and all its files."""
    stamp = sight.stamp(record_key(asset_id, node))
    if kept is None or stamp is None:
        return kept is None and stamp is None
    return stamp.is_still(kept[0], kept[1]) and _files_are_there(asset_id, kept[4], sight)


def _files_are_there(asset_id: str, files: Mapping[str, int], sight: Sight) -> bool:
    folder, size = asset_key(asset_id, ""), sight.size
    return all(size(folder + name) == recorded for name, recorded in files.items())
