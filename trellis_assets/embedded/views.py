"""What the object looks like from the front, from behind and around the edge, as pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.atlas import BACK_DENSITY
from trellis_assets.embedded.cuboid import Cuboid
from trellis_assets.embedded.paint import Picture, back_picture, box_back, front_picture
from trellis_assets.embedded.shape import Shape, box_coordinates
from trellis_assets.embedded.silhouette import Silhouette
from trellis_assets.embedded.turn import turn
from trellis_assets.embedded.variation import Form
from trellis_assets.embedded.wrap import Wrap

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

FINER_THAN_SHEET = 1.15
WORTH_SHRINKING = 0.85


@dataclass(frozen=True)
class Views:
    """``front`` and ``back`` in the frame of ``outline``; ``wrap`` colours what lies between."""

    outline: Silhouette
    front: Picture
    back: Picture
    wrap: Wrap


def views(shape: Shape, pixels: Bytes, *, texels: int, form: Form) -> Views:
    """The views of ``shape``, whose front are ``pixels`` (S, S, 4), for a texture of ``texels``.

    They do not depend on the mesh, and so can be made beside it.
    """
    shape, pixels = _as_fine_as_needed(shape, texels, pixels)
    size = shape.outline.size * shape.outline.scale
    front, lab = front_picture(pixels, size=size, form=form)
    if shape.box is None:
        back = back_picture(front, lab, pixels, size=size, form=form, same=shape.same_back)
    else:
        back = box_back(front, *_to_counterpart(shape, shape.box, len(pixels)))
    del lab
    pattern = turn(shape, front)
    if pattern is not None:
        back = pattern.back(back)
    return Views(shape.outline, front, back, Wrap.around(shape, front, back, pattern))


def _as_fine_as_needed(shape: Shape, texels: int, pixels: Bytes) -> tuple[Shape, Bytes]:
    """The picture no finer than the front sheet can show it, and the shape that refers to it."""
    outline = shape.outline
    factor = FINER_THAN_SHEET * _densest(outline, texels) / outline.scale
    if factor > WORTH_SHRINKING:
        return shape, pixels
    side = round(factor * len(pixels))
    factor = side / len(pixels)
    small = np.asarray(cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    moved = replace(
        outline, scale=outline.scale * factor, x0=outline.x0 * factor, y0=outline.y0 * factor
    )
    return replace(shape, outline=moved), small


def _densest(outline: Silhouette, texels: int) -> float:
    """The most texels per cell that front and back sheet leave each other in the texture."""
    rows, columns = (int(outline.inside.any(axis=axis).sum()) for axis in (1, 0))
    both = rows * columns * (1.0 + BACK_DENSITY**2)
    return float(texels / max(np.sqrt(both), rows, columns))


def _to_counterpart(shape: Shape, box: Cuboid, side: int) -> tuple[Float, Float]:
    """Pixel offsets (S, S) from the hidden faces of ``box`` to the visible ones."""
    outline = shape.outline
    column = (np.arange(side)[None, :] + 0.5 - outline.x0) / outline.scale - 0.5
    row = (np.arange(side)[:, None] + 0.5 - outline.y0) / outline.scale - 0.5
    _, _, face = box.depths(*box_coordinates(outline, column, row))
    pixels = outline.size * outline.scale
    shift = box.axes[:, :2] * box.extent[:, None] * pixels
    return shift[face, 0].astype(np.float32), (-shift[face, 1]).astype(np.float32)
