"""Concurrency pools: how many runs may be at something at once."""

from __future__ import annotations

import os

import dagster as dg

GENERATION_API = "generation_api"
"""Runs that may wait for the paid service."""
HEAVY_CPU = "heavy_cpu"
"""Runs that compute meshes and textures, which take whole cores."""


def limit_pools(instance: dg.DagsterInstance) -> None:
    """As many heavy runs as there are cores, unless somebody has set another limit."""
    storage = instance.event_log_storage
    set_by_hand = {each.name for each in storage.get_pool_limits() if not each.from_default}
    if HEAVY_CPU not in set_by_hand:
        storage.set_concurrency_slots(HEAVY_CPU, os.cpu_count() or 1)
