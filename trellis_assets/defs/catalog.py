"""Catalog: the index over all game assets."""

from collections.abc import Sequence

import dagster as dg

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.index import index_catalog

from .automation.index import INDEX_FOLLOWS
from .presentation import findings_text, verdict_line
from .resources import PipelineResource

CATALOG_INDEX = dg.AssetKey(["catalog_index"])
_WAIVERS = "waivers"


def catalog_index(variants: Sequence[dg.AssetsDefinition]) -> dg.AssetsDefinition:
    """The index asset, downstream of every variant."""

    @dg.asset(
        key=CATALOG_INDEX,
        deps=list(variants),
        group_name="catalog",
        kinds={"html", "json"},
        check_specs=[
            dg.AssetCheckSpec(
                _WAIVERS,
                asset=CATALOG_INDEX,
                description="Is every waiver in force, and does it still accept something?",
            )
        ],
        owners=["team:technical-art"],
        automation_condition=INDEX_FOLLOWS,
        description=(
            "Every game asset with its state, sizes and findings: `catalog/index.json` for tools "
            "and `catalog/gallery.html` for people."
        ),
    )
    # Beside checks Dagster takes this annotation bare only.
    def materialize(pipeline: PipelineResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
        try:
            index = index_catalog(
                pipeline.open_catalog(), pipeline.open_store(), pipeline.generator
            )
        except TrellisAssetsError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        said = [finding.as_json() for finding in index.waivers]
        return dg.MaterializeResult(
            metadata={
                "gallery": dg.MetadataValue.path(index.gallery),
                "summary": dg.MetadataValue.md(index.summary),
                "game_assets": dg.MetadataValue.int(index.game_assets),
                "up_to_date": dg.MetadataValue.int(index.up_to_date),
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name=_WAIVERS,
                    passed=not index.waivers,
                    severity=dg.AssetCheckSeverity.WARN,
                    description=verdict_line(said),
                    metadata=findings_text(said),
                )
            ],
        )

    return materialize
