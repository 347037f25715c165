"""Weld equal vertices and take out unused ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trellis_assets.geometry.rows import same_rows

from ..document import items
from ..draft import Draft, Primitive


def remove_unused(draft: Draft) -> Iterator[str]:
    """Vertices that no triangle uses."""
    for primitive in _plain(draft):
        triangles = draft.triangles(primitive)
        positions = draft.array(primitive, "POSITION")
        count = 0 if positions is None else len(positions)
        used = np.unique(triangles)
        if 0 < len(used) < count:
            number = np.zeros(count, np.int64)
            number[used] = np.arange(len(used))
            draft.keep_vertices(primitive, used)
            draft.set_triangles(primitive, number[triangles])
            yield f"{primitive.mesh}: removed {count - len(used):,} unused vertices"


def weld(draft: Draft) -> Iterator[str]:
    """Vertices that are equal in every attribute become one."""
    for primitive in _plain(draft):
        triangles = draft.triangles(primitive)
        attributes = primitive.json["attributes"]
        arrays = [draft.array(primitive, semantic) for semantic in attributes]
        values = np.concatenate([array for array in arrays if array is not None], axis=1)
        group, first = same_rows(values)
        if len(first) < len(values):
            draft.keep_vertices(primitive, first)
            draft.set_triangles(primitive, group[triangles])
            yield f"{primitive.mesh}: welded {len(values) - len(first):,} equal vertices"


def _plain(draft: Draft) -> Iterator[Primitive]:
    """Primitives whose vertices may be renumbered: morph targets would have to follow."""
    return (one for one in draft.primitives() if not items(one.json, "targets"))
