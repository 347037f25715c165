"""Catalog: the index over all game assets."""

from collections.abc import Sequence

import dagster as dg

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.index import index_catalog

from .automation.index import INDEX_FOLLOWS
from .resources import PipelineResource

CATALOG_INDEX = dg.AssetKey(["catalog_index"])


def catalog_index(variants: Sequence[dg.AssetsDefinition]) -> dg.AssetsDefinition:
    """The index asset, downstream of every variant."""

    @dg.asset(
        key=CATALOG_INDEX,
        deps=list(variants),
        group_name="catalog",
        kinds={"html", "json"},
        owners=["team:technical-art"],
        automation_condition=INDEX_FOLLOWS,
        description=(
            "Every game asset with its state, sizes and findings: `catalog/index.json` for tools "
            "and `catalog/gallery.html` for people."
        ),
    )
    def materialize(pipeline: PipelineResource) -> dg.MaterializeResult[None]:
        try:
            index = index_catalog(
                pipeline.open_catalog(), pipeline.open_store(), pipeline.generator
            )
        except TrellisAssetsError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        return dg.MaterializeResult(
            metadata={
                "gallery": dg.MetadataValue.path(index.gallery),
                "summary": dg.MetadataValue.md(index.summary),
                "game_assets": dg.MetadataValue.int(index.game_assets),
                "up_to_date": dg.MetadataValue.int(index.up_to_date),
            }
        )

    return materialize
