"""Textures: the sheets are the pictures themselves, side charts are looked up around the edge."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.concepts.rim import nearest_inside
from trellis_assets.embedded.atlas import Atlas
from trellis_assets.embedded.charts import BACK, FRONT, Charts
from trellis_assets.embedded.paint import Picture
from trellis_assets.embedded.raster import cover
from trellis_assets.embedded.silhouette import Silhouette
from trellis_assets.embedded.views import Views

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]


@dataclass(frozen=True)
class Baked:
    """``rgb`` and ``orm`` (texels, texels, 3) uint8; covered share of the atlas."""

    rgb: Bytes
    orm: Bytes
    covered: float


def bake(
    positions: Float,
    triangles: NDArray[np.uint32],
    found: Charts,
    atlas: Atlas,
    seen: Views,
) -> Baked:
    """Both textures of the atlas, padded by the nearest covered texel."""
    texels = atlas.texels
    rgb = np.zeros((texels, texels, 3), dtype=np.uint8)
    orm = np.zeros_like(rgb)
    covered = np.zeros((texels, texels), dtype=bool)
    _sheet(rgb, orm, covered, atlas, FRONT, seen.front, seen.outline, flip=False)
    _sheet(rgb, orm, covered, atlas, BACK, seen.back, seen.outline, flip=True)
    side = np.flatnonzero(found.chart > BACK)
    if side.size:
        corners = atlas.corners(found.chart, side)
        points = positions[triangles[side]]
        for part in cover(corners, texels=texels):
            at = np.einsum("nij,ni->nj", points[part.triangle], part.weights)
            colour, surface = seen.wrap.colours(at)
            rgb[part.row, part.column] = colour
            orm[part.row, part.column] = surface
            covered[part.row, part.column] = True
    share = float(covered.mean())
    if not covered.all():
        outside, nearest = nearest_inside(covered)
        for flat in (rgb.reshape(-1, 3), orm.reshape(-1, 3)):
            flat[outside] = flat[nearest]
    return Baked(rgb, orm, share)


def _sheet(
    rgb: Bytes,
    orm: Bytes,
    covered: NDArray[np.bool_],
    atlas: Atlas,
    chart: int,
    picture: Picture,
    outline: Silhouette,
    *,
    flip: bool,
) -> None:
    """One picture drawn into the rectangle of its chart, padding included."""
    density = float(atlas.density[chart])
    extent = atlas.extent[chart]
    if not extent.any():
        return
    start = np.floor(atlas.origin[chart] - atlas.padding).astype(int)
    stop = np.ceil(atlas.origin[chart] + extent * density + atlas.padding).astype(int)
    stop = np.minimum(stop, atlas.texels)
    start = np.maximum(start, 0)
    width, height = (int(v) for v in stop - start)
    # Texel i shows grid coordinate lowest + (i + 0.5 - origin) / density, and that the picture.
    low = atlas.lowest[chart] + (start - atlas.origin[chart]) / density + 0.5
    side = picture.rgb.shape[1]
    x0 = side - outline.x0 - outline.scale if flip else outline.x0
    step = outline.scale / density
    matrix = np.array(
        [
            [step, 0.0, low[0] * outline.scale + x0 + 0.5 * step - 0.5],
            [0.0, step, low[1] * outline.scale + outline.y0 + 0.5 * step - 0.5],
        ]
    )
    area = (slice(start[1], stop[1]), slice(start[0], stop[0]))
    for target, source in ((rgb, picture.rgb), (orm, picture.orm)):
        image = np.ascontiguousarray(source[:, ::-1]) if flip else source
        if step > 1.15:
            blur = 0.5 * float(np.sqrt(step * step - 1.0))
            image = np.asarray(cv2.GaussianBlur(image, (0, 0), blur), dtype=np.uint8)
        target[area] = cv2.warpAffine(
            image,
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    covered[area] = True
