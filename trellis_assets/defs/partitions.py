"""One partition for each game asset; its key is the asset_id."""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

GAME_ASSET = dg.DynamicPartitionsDefinition(name="game_asset")


def add_partitions(instance: dg.DagsterInstance, asset_ids: Iterable[str]) -> None:
    """Make sure that every game asset has its partition; fine if it has one already."""
    instance.add_dynamic_partitions("game_asset", list(asset_ids))
