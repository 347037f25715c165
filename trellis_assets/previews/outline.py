"""What a model covers when seen along parallel rays, and where its inside shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._camera import Camera
from .render import Scene
from .views import View

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Outline:
    """A square picture around the model, rows downwards."""

    covered: Mask
    """(S, S) a ray meets the model."""
    inside: Mask
    """(S, S) what it meets first is the back of a triangle."""
    box: Mask
    """(S, S) the rectangle that the model's vertices span."""

    @property
    def inside_share(self) -> float:
        """Of the covered pixels."""
        return float(int(self.inside.sum()) / max(int(self.covered.sum()), 1))

    @property
    def coverage(self) -> float:
        """Covered share of the rectangle around the model."""
        return float(int(self.covered.sum()) / max(int(self.box.sum()), 1))


def outline(scene: Scene, view: View, *, pixels: int = 192) -> Outline:
    """Look at a model from infinitely far away; alpha of textures is not considered."""
    surface = scene.surface
    camera = Camera.on(surface.points[:2], view.azimuth, view.elevation)
    axes = np.stack([camera.right, camera.up, -camera.forward])
    local = surface.points @ axes.T
    low, high = local.min(axis=0), local.max(axis=0)
    middle, side = (low + high) / 2, float((high - low)[:2].max()) or 1.0
    steps = ((np.arange(pixels, dtype=np.float32) + 0.5) / pixels - 0.5) * np.float32(side)
    x, y = np.meshgrid(middle[0] + steps, middle[1] - steps)
    depth = np.full(x.size, high[2] + np.float32(0.1), np.float32)
    origins = np.stack([x.ravel(), y.ravel(), depth], axis=1).astype(np.float32) @ axes
    directions = np.tile(camera.forward, (len(origins), 1))
    hit = surface.embree.run(
        np.ascontiguousarray(origins, np.float32), directions, query="INTERSECT", output=1
    )
    covered = hit["primID"] >= 0
    inside = covered & (hit["Ng"] @ camera.forward > 0)
    box = (np.abs(x - middle[0]) <= (high - low)[0] / 2) & (
        np.abs(y - middle[1]) <= (high - low)[1] / 2
    )
    shape = (pixels, pixels)
    return Outline(covered.reshape(shape), inside.reshape(shape), box)


def overlap(first: Mask, second: Mask, *, pixels: int = 128) -> float:
    """Intersection over union of two shapes laid over one another by place and area.

    Args:
        first, second: (H, W) of any size; turned nowhere, only moved and scaled.

    Returns:
        0 to 1; 0 if one of them is empty.
    """
    if not first.any() or not second.any():
        return 0.0
    one, other = _normalised(first, pixels), _normalised(second, pixels)
    return float(int((one & other).sum()) / max(int((one | other).sum()), 1))


def _normalised(mask: Mask, pixels: int) -> Mask:
    """Moved to the middle of a square and scaled to an eighth of its area."""
    import cv2

    rows, columns = np.nonzero(mask)
    scale = pixels / np.sqrt(8.0 * len(rows))
    shift = pixels / 2 - scale * np.array([columns.mean(), rows.mean()])
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    moved = cv2.warpAffine(mask.astype(np.float32), matrix, (pixels, pixels))
    return np.asarray(moved >= 0.5)
