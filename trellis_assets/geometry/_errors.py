"""What can be wrong with a mesh."""

from __future__ import annotations

from trellis_assets.errors import TrellisAssetsError


class GeometryError(TrellisAssetsError):
    """A mesh that cannot be repaired, reduced or baked."""


class InvalidMesh(GeometryError):
    """Arrays that are not a mesh: wrong shape or type, index out of range, not finite."""


class EmptyModel(GeometryError):
    """Nothing to work on: no triangle with an area."""


class ShrunkenResult(GeometryError):
    """A step returned less than it was given: no triangles, or another bounding box."""


class MovingModel(GeometryError):
    """What bones, shapes or animations move cannot be made anew: new vertices have none of it."""


class UnwrapFailed(GeometryError):
    """The atlas generator returned no usable atlas."""


class FloorReached(GeometryError):
    """Seams and borders, which must be kept, allow no fewer triangles.

    A collapse that keeps UV seams stalls at about three triangles per UV patch. The rung can still
    be had: rebuild it from the master with an atlas of its own.
    """

    def __init__(self, *, requested: int, reached: int, patches: int, error: float) -> None:
        super().__init__(
            f"asked for {requested} triangles, reached {reached} (error {error:.2%} of the size): "
            f"{patches} UV patches need about {3 * patches}",
            fix="rebuild this rung from the master with an atlas of its own (mode: rebuild)",
        )
        self.requested = requested
        self.reached = reached
        self.patches = patches
        self.error = error
