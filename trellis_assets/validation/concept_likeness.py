"""Whether the model has the outline of its concept image, seen from its front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.previews import Scene
from trellis_assets.previews.outline import outline, overlap
from trellis_assets.previews.views import View

_AZIMUTHS = (0.0, 90.0, 180.0, 270.0)
"""The sides that `placement.forward` can turn to the front."""
_ELEVATIONS = (0.0, 15.0, 30.0)
"""Concept images show a thing from the front or from a little above."""
_PIXELS = 96


@dataclass(frozen=True)
class ConceptLikeness:
    """Overlap of the outlines, 0 to 1, after they were laid over one another."""

    front: float
    best: float
    best_azimuth: float
    """Degrees; 0 is the front."""


def concept_likeness(concept: NDArray[np.uint8], scene: Scene) -> ConceptLikeness:
    """Compare outlines from the four sides.

    Args:
        concept: (H, W, 4) with the background cut out.
    """
    drawn = concept[..., 3] >= 128
    found = {
        azimuth: max(
            overlap(drawn, outline(scene, View(azimuth, elevation), pixels=_PIXELS).covered)
            for elevation in _ELEVATIONS
        )
        for azimuth in _AZIMUTHS
    }
    best = max(found, key=lambda azimuth: found[azimuth])
    return ConceptLikeness(round(found[0.0], 4), round(found[best], 4), best)
