"""The model seen from six sides: how full its box is, and whether one sees into it.

Roblox judges avatar items in the same way, by their opacity from six sides (Creator docs,
"Validation of avatar items").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trellis_assets.previews import Scene
from trellis_assets.previews.outline import outline
from trellis_assets.previews.views import SIX_SIDES


@dataclass(frozen=True)
class SixSides:
    """By side: front, right, back, left, top, bottom."""

    coverage: Mapping[str, float]
    """Covered share of the rectangle around the model, 0 to 1."""
    inside: Mapping[str, float]
    """Share of the covered pixels that show the back of a triangle, 0 to 1."""

    @property
    def emptiest(self) -> str:
        return min(self.coverage, key=lambda side: self.coverage[side])

    @property
    def most_open(self) -> str:
        return max(self.inside, key=lambda side: self.inside[side])


def six_sides(scene: Scene) -> SixSides:
    """Look from all six sides along parallel rays."""
    seen = {side: outline(scene, view) for side, view in SIX_SIDES.items()}
    return SixSides(
        {side: round(found.coverage, 4) for side, found in seen.items()},
        {side: round(found.inside_share, 5) for side, found in seen.items()},
    )
