"""Game assets whose entries are gone: put aside, never deleted, and brought back if they return.

``assets/<asset_id>/…`` moves to ``retired/<asset_id>/<day>/…``, file by file. Records move first on
the way out and last on the way back, so that a record never stands without its files, whenever the
move is interrupted; the next refresh goes on with it. ``generations/`` is never touched: what was
paid for is found there again even if the files are made anew.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath

from trellis_assets.catalog import Catalog
from trellis_assets.store import Store

RETIRED = "retired"
_DONE = "retired.json"
_STEPS = "steps/"


@dataclass
class Retirement:
    """What was, or would be, put aside and brought back."""

    retired: dict[str, str] = field(default_factory=dict)
    """Where the files are now, by asset_id."""
    kept: dict[str, str] = field(default_factory=dict)
    """Not retired although their entry is gone; why, by asset_id."""
    restored: tuple[str, ...] = ()
    aside: dict[str, str] = field(default_factory=dict)
    """Retired before; where their files are, by asset_id."""

    def words(self, *, planned: bool = False) -> list[str]:
        """A line for each game asset; ``planned`` tells what would be done."""
        go, come = ("would go to", "would be") if planned else ("are in", "are")
        gone = sorted(self.retired.items())
        return [
            *(f"{name}: its entry is gone, its files {go} {place}" for name, place in gone),
            *(f"{name}: its entry is gone, but {why}" for name, why in self.kept.items()),
            *(f"{name}: its entry is back, its files {come} restored" for name in self.restored),
        ]

    def as_json(self) -> dict[str, object]:
        """The same for a script."""
        return {
            "retired": dict(self.retired),
            "not_retired": dict(self.kept),
            "restored": list(self.restored),
        }


def find_retirement(
    catalog: Catalog,
    store: Store,
    *,
    at_most: int,
    busy: Collection[str] = (),
    partitions: Collection[str] = (),
) -> Retirement:
    """What there is to put aside and to bring back; changes nothing.

    Args:
        at_most: if more entries than this are gone, none is retired.
        busy: game assets with an unfinished run.
        partitions: those that Dagster has, with files or without.
    """
    broken = _broken_ids(catalog)
    known = set(catalog.entries) | broken
    gone = (set(store.children("assets/")) | set(partitions)) - known
    found = Retirement()
    for asset_id in sorted(gone):
        if asset_id in busy:
            found.kept[asset_id] = "a run is at it"
        elif len(gone) > at_most:
            found.kept[asset_id] = (
                f"{len(gone)} are gone at once, which a catalog that is only half there looks "
                f"like. Fix: restore the entries, or raise refresh.retire_at_most ({at_most}) in "
                "automation.yaml"
            )
        else:
            found.retired[asset_id] = store.location(f"{RETIRED}/{asset_id}")
    aside = store.children(f"{RETIRED}/")
    found.aside = {name: store.location(f"{RETIRED}/{name}") for name in aside if name not in known}
    found.restored = _returned(catalog, store, aside)
    return found


def restore_returned(catalog: Catalog, store: Store) -> tuple[str, ...]:
    """Bring back the files of entries that are back; returns their names."""
    back = _returned(catalog, store, store.children(f"{RETIRED}/"))
    for asset_id in back:
        _restore(store, asset_id)
    return back


def carry_out(found: Retirement, store: Store, today: date) -> None:
    """Move the files; carrying it out again finishes what was interrupted."""
    for asset_id in found.retired:
        _retire(store, asset_id, today)
    for asset_id in found.restored:
        _restore(store, asset_id)


def _returned(catalog: Catalog, store: Store, aside: Collection[str]) -> tuple[str, ...]:
    """Those with an entry again of which nothing was made anew meanwhile."""
    return tuple(
        asset_id
        for asset_id in aside
        if asset_id in catalog.entries
        and _newest(store, asset_id)
        and not _has_records(store, asset_id)
    )


def _retire(store: Store, asset_id: str, today: date) -> None:
    source = f"assets/{asset_id}/"
    keys = list(store.list(source))
    if not keys:
        return  # a partition that never had a file
    folder = _unfinished(store, asset_id) or f"{RETIRED}/{asset_id}/{today.isoformat()}/"
    for key in sorted(keys, key=lambda key: not key.startswith(source + _STEPS)):
        store.move(key, folder + key.removeprefix(source))
    text = json.dumps({"asset_id": asset_id, "retired": today.isoformat()})
    store.write(folder + _DONE, text.encode())


def _restore(store: Store, asset_id: str) -> None:
    folder = _newest(store, asset_id)
    store.delete(folder + _DONE)
    keys = list(store.list(folder))
    for key in sorted(keys, key=lambda key: key.startswith(folder + _STEPS)):
        store.move(key, f"assets/{asset_id}/{key.removeprefix(folder)}")


def _newest(store: Store, asset_id: str) -> str:
    """The last day's folder that has files; empty if there is none."""
    for day in reversed(store.children(f"{RETIRED}/{asset_id}/")):
        folder = f"{RETIRED}/{asset_id}/{day}/"
        if any(True for _ in store.list(folder)):
            return folder
    return ""


def _unfinished(store: Store, asset_id: str) -> str:
    folder = _newest(store, asset_id)
    return folder if folder and not store.exists(folder + _DONE) else ""


def _has_records(store: Store, asset_id: str) -> bool:
    return any(True for _ in store.list(f"assets/{asset_id}/{_STEPS}"))


def _broken_ids(catalog: Catalog) -> set[str]:
    """The ids that entries with a problem may have: after their file, or as they say."""
    names = {PurePath(problem.file).stem for problem in catalog.problems}
    said = {problem.found.strip("'\"") for problem in catalog.problems if problem.field == "id"}
    return names | said
