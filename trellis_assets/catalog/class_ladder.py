"""The ladder of an asset class, which all profiles of a game asset share and none decides."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from .entry import AssetClass
from .limit import Limit
from .look_limits import LookLimits

TRIANGLES: Mapping[AssetClass, int] = {
    # Poly Budgets 2017 (community sheet), hand-held prop: hero, middle distance, background.
    "hero": 40_000,
    "prop": 10_000,
    "background": 2_000,
    # UEFN, architectural modeling guidelines: complex stairs have 7,000 vertices at LOD0.
    "setpiece": 7_000,
    # Roblox creator docs, rigid accessory specifications.
    "accessory": 4_000,
}
"""Of LOD0, where profiles.yaml says nothing of the class."""


class ClassLadder(BaseModel):
    """What the ladder of every game asset of a class is cut to, and what it is judged by."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    triangles: Limit | None = Field(
        default=None,
        description="Triangles of LOD0, from which every profile cuts its own rungs. Left out: "
        + ", ".join(f"{name} {number:,}" for name, number in TRIANGLES.items())
        + ".",
    )
    look: LookLimits = Field(
        default=LookLimits(), description="How much a rung may differ from the master by eye."
    )
