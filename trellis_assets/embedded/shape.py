"""From cut-out to solid: inflation, turned sections, relief."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.cuboid import Cuboid
from trellis_assets.embedded.fields import Solid
from trellis_assets.embedded.inflate import inflate
from trellis_assets.embedded.lathe import Lathe, lathe
from trellis_assets.embedded.relief import relief
from trellis_assets.embedded.silhouette import Silhouette, cuts, silhouette
from trellis_assets.embedded.variation import Form

Float = NDArray[np.float32]

# Relief fades in over this depth, so that it never moves the outline.
RELIEF_FADE = 0.05
RELIEF_ON_BACK = 0.35
THINNEST = 0.3
# Wings, foliage and blades are this much thinner than bodies.
FLATTENED = 0.5


@dataclass(frozen=True)
class Shape:
    """The solid on its grid, the outline it came from, and how it was understood."""

    solid: Solid
    outline: Silhouette
    lathe: float
    turned: Lathe
    box: Cuboid | None

    @property
    def same_back(self) -> float:
        """How far the back repeats the front, 0..1: turned things, things with much air between
        their parts (flat ones), and side views (an outline unlike its mirror image).
        """
        # A narrow step: half a front on half a back looks like neither.
        flat = np.clip((self.turned.gaps - 0.24) / 0.04, 0.0, 1.0)
        side_view = np.clip((0.6 - self.turned.mirror) / 0.1, 0.0, 1.0)
        return float(max(self.lathe, flat, side_view))

    @property
    def steep(self) -> float:
        """|n_z| below which a triangle is textured from the side. The faces of a box are seen
        from the front however they lean, so only its rim is steep.
        """
        return 0.45 if self.box is None else 0.1


def shape(pixels: NDArray[np.uint8], *, cells: int, form: Form, box: Cuboid | None = None) -> Shape:
    """The solid of the cut-out ``pixels`` (S, S, 4) with ``cells`` cells on its longest side;
    with ``box``, as that box carved by the outline.
    """
    outline = silhouette(pixels, cells=cells)
    alpha = np.where(outline.inside, np.maximum(outline.alpha, 0.501), outline.alpha)
    size = outline.size
    turned = lathe(outline.inside)
    thickness = form.thickness * (1.0 - FLATTENED * _flatness(turned))
    u = inflate(
        alpha.astype(np.float32), lam=thickness * size, eps=form.upright, sweeps=form.sweeps
    )
    weight = turned.weight if box is None else 0.0
    share = (weight * turned.share).astype(np.float32)
    blended = (1.0 - share) * u + share * turned.u
    u = np.where(turned.capped, np.maximum(u, weight * turned.u), blended).astype(np.float32)
    height = np.sqrt(np.maximum(u, 0.0))
    bumps = relief(
        outline.rgb,
        outline.inside,
        size=size,
        gain=form.relief_gain,
        limit=form.relief_limit,
        balance=form.relief_balance,
    )
    bumps *= np.minimum(1.0, height / (RELIEF_FADE * size))
    bumps *= 1.0 - 0.5 * share
    front = height + bumps
    soft = cv2.GaussianBlur(bumps, (0, 0), 0.015 * size)
    back_depth = form.back_depth + (1.0 - form.back_depth) * share
    back = back_depth * height + RELIEF_ON_BACK * (1.0 - share) * soft
    middle = np.zeros_like(height)
    if box is not None:
        half, middle = _boxed(outline, box, height)
        front, back = half + 0.4 * bumps, half
    inside = outline.inside
    solid = Solid(
        inside,
        np.where(inside, np.maximum(front, THINNEST), 0.0).astype(np.float32),
        np.where(inside, np.maximum(back, THINNEST), 0.0).astype(np.float32),
        middle.astype(np.float32),
        cuts(outline.alpha, axis=1),
        cuts(outline.alpha, axis=0),
    )
    return Shape(solid, outline, weight, turned, box)


def _flatness(turned: Lathe) -> float:
    """0 for a body, 1 for wings, foliage and lattices: things with much air between their parts."""
    return float(np.clip((turned.gaps - 0.2) / 0.25, 0.0, 1.0))


def _boxed(outline: Silhouette, box: Cuboid, height: Float) -> tuple[Float, Float]:
    """Half-thickness and middle of the box at every cell; what sticks out of the box keeps a
    modest inflated thickness about the box's middle.
    """
    rows, columns = outline.inside.shape
    x, y = box_coordinates(outline, np.arange(columns)[None, :], np.arange(rows)[:, None])
    near, far, _ = box.depths(x, y)
    half = 0.5 * (near - far)
    middle = 0.5 * (near + far)
    within = outline.inside & (half > 0.0)
    low, high = float(middle[within].min()), float(middle[within].max())
    middle = np.clip(middle, low, high)
    outside = 0.55 * height / outline.size
    thick = np.maximum(half, outside)
    return (
        (thick * outline.size).astype(np.float32),
        (middle * outline.size).astype(np.float32),
    )


def box_coordinates(
    outline: Silhouette, column: NDArray[np.generic], row: NDArray[np.generic]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Grid places as a Cuboid measures them: from the middle, y up, in object sizes."""
    rows, columns = outline.inside.shape
    x = (column - 0.5 * (columns - 1)) / outline.size
    y = (0.5 * (rows - 1) - row) / outline.size
    return np.broadcast_to(x, np.broadcast_shapes(x.shape, y.shape)), np.broadcast_to(
        y, np.broadcast_shapes(x.shape, y.shape)
    )
