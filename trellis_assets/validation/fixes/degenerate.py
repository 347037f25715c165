"""Take out triangles without area."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trellis_assets.geometry.topology import face_vectors

from ..draft import Draft


def remove_degenerate(draft: Draft) -> Iterator[str]:
    """Triangles with two corners in one place, or all three on a line."""
    for primitive in draft.primitives():
        positions = draft.array(primitive, "POSITION")
        if positions is None:
            continue
        triangles = draft.triangles(primitive)
        flat = ~np.any(face_vectors(positions, triangles) != 0.0, axis=1)
        if flat.any() and not flat.all():
            draft.set_triangles(primitive, triangles[~flat])
            yield f"{primitive.mesh}: removed {int(flat.sum()):,} triangles without area"
