"""What somebody who asked for a model knows about it, before it is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from trellis_assets.geometry.pose import at_rest
from trellis_assets.gltf import Model

Pivot = Literal["bottom_center", "center", "origin"]


@dataclass(frozen=True)
class Sibling:
    """Another rung of the same LOD ladder."""

    level: int
    triangles: int
    error: float | None = None
    """Distance to LOD0 relative to its diagonal."""
    bounds: tuple[tuple[float, float, float], tuple[float, float, float]] | None = None
    """Lower and upper corner in metres."""

    @classmethod
    def of(cls, level: int, model: Model, *, error: float | None = None) -> Sibling:
        """A rung by its model."""
        lower, upper = at_rest(model).bounds().tolist()
        return cls(level, model.triangle_count, error, (tuple(lower), tuple(upper)))


@dataclass(frozen=True)
class Expectation:
    """The brief of one file; rules about what is left out stay silent."""

    height_m: float | None = None
    dimensions_m: tuple[float, float, float] | None = None
    """Along x, y and z."""
    pivot: Pivot | None = None
    name_prefix: str | None = None
    """Every node's name must start with it."""
    level: int | None = None
    """The rung that this file is; its budget is that of LOD0 times ``ratio`` per level."""
    error: float | None = None
    """Distance to LOD0 relative to its diagonal, as measured when it was made."""
    siblings: Sequence[Sibling] = ()
