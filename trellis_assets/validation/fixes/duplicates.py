"""Take out triangles that are there twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trellis_assets.geometry.rows import same_rows

from ..draft import Draft


def remove_duplicates(draft: Draft) -> Iterator[str]:
    """Triangles with the corners, by position, and the winding of an earlier one."""
    for primitive in draft.primitives():
        positions = draft.array(primitive, "POSITION")
        if positions is None or draft.bends(primitive):
            continue
        triangles = draft.triangles(primitive)
        corners = same_rows(positions)[0][triangles]
        lowest = np.argmin(corners, axis=1)[:, None]
        rotated = np.take_along_axis(corners, (lowest + np.arange(3)) % 3, axis=1)
        kept = np.sort(same_rows(rotated.astype(np.uint32))[1])
        if len(kept) < len(triangles):
            draft.set_triangles(primitive, triangles[kept])
            count = len(triangles) - len(kept)
            yield f"{primitive.mesh}: removed {count:,} duplicate triangles"
