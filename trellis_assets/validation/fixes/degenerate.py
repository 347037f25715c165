"""Take out triangles without area."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trellis_assets.geometry.rows import same_rows
from trellis_assets.geometry.topology import edges, face_vectors

from ..draft import Draft


def remove_degenerate(draft: Draft) -> Iterator[str]:
    """Triangles without area, but for those that close a surface where an edge meets two."""
    for primitive in draft.primitives():
        positions = draft.array(primitive, "POSITION")
        if positions is None or draft.bends(primitive):
            continue
        triangles = draft.triangles(primitive)
        flat = ~np.any(face_vectors(positions, triangles) != 0.0, axis=1)
        if flat.any():
            flat &= ~_closing(same_rows(positions)[0][triangles])
        if flat.any() and not flat.all():
            draft.set_triangles(primitive, triangles[~flat])
            yield f"{primitive.mesh}: removed {int(flat.sum()):,} triangles without area"


def _closing(corners: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(T,) triangles over (T, 3) welded corners, all different, with a partner at every edge."""
    a, b, c = corners.T
    solid = np.flatnonzero((a != b) & (b != c) & (c != a))
    found = edges(corners[solid])
    closing = np.zeros(len(corners), bool)
    closing[solid] = (found.faces[found.of_halfedge] == 2).reshape(-1, 3).all(axis=1)
    return closing
