"""The catalog's index follows the variants by a condition: the one place where that serves best.

One asset without partitions, one question (did any variant change since it was last made, and is
the wave over?), and a missed or doubled answer costs nothing. Dagster's ``eager()`` would never
fire: most entries want only some profiles, so that partitions of every variant are missing for
ever.
"""

from __future__ import annotations

import dagster as dg

INDEX_FOLLOWS = (
    dg.AutomationCondition.any_deps_updated().since_last_handled()
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
).with_label("a variant changed and none is being made")


def index_sensor(index: dg.AssetKey) -> dg.AutomationConditionSensorDefinition:
    """The sensor that evaluates the condition, of this asset alone."""
    return dg.AutomationConditionSensorDefinition(
        "catalog_index_follows",
        target=dg.AssetSelection.assets(index),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=60,
        description="Brings index and gallery up to date once variants have changed.",
    )
