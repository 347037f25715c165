"""One partition for each game asset; its key is the asset_id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import dagster as dg

GAME_ASSET = dg.DynamicPartitionsDefinition(name="game_asset")


def add_partitions(instance: dg.DagsterInstance, asset_ids: Iterable[str]) -> None:
    """Make sure that every game asset has its partition; fine if it has one already."""
    instance.add_dynamic_partitions("game_asset", list(asset_ids))


def game_asset_partitions(instance: dg.DagsterInstance) -> Sequence[str]:
    """All partitions, in the order in which they were added."""
    return instance.get_dynamic_partitions("game_asset")


def remove_partitions(instance: dg.DagsterInstance, asset_ids: Iterable[str]) -> None:
    """Remove partitions; their history stays."""
    for asset_id in asset_ids:
        instance.delete_dynamic_partition("game_asset", asset_id)
