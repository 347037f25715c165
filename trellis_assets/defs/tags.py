"""Tags of our Dagster runs; no Dagster is needed to name them."""

from __future__ import annotations

REFRESH = "trellis-assets/refresh"
"""The refresh that a run belongs to: its purchases are on one budget."""
BUY_AGAIN = "trellis-assets/buy-again"
"""``true``: a person decided to buy again what failed after it was accepted."""
CHANGE = "trellis-assets/change"
"""What a run was requested for: :attr:`trellis_assets.pipeline.plan.AssetPlan.key`."""
