"""The jobs: one partition from concept to variants, and the catalog's index."""

from __future__ import annotations

import dagster as dg

from .catalog import CATALOG_INDEX

make_game_asset = dg.define_asset_job(
    "make_game_asset",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("catalog"),
    description="One game asset from its concept image to checked variants for every profile.",
)

index_catalog = dg.define_asset_job(
    "index_catalog",
    selection=dg.AssetSelection.assets(CATALOG_INDEX),
    description="The catalog's index and gallery, from what is in the store.",
)
