"""Weld equal vertices and take out unused ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trellis_assets.geometry.rows import same_rows

from ..document import items, object_of
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
        attributes = object_of(primitive.json, "attributes")
        arrays = [draft.array(primitive, semantic) for semantic in attributes]
        found = [array for array in arrays if array is not None]
        if not found or len({len(array) for array in found}) > 1:
            continue
        values = np.concatenate(found, axis=1)
        group, first = same_rows(values)
        if len(first) < len(values):
            draft.keep_vertices(primitive, first)
            draft.set_triangles(primitive, group[triangles])
            yield f"{primitive.mesh}: welded {len(values) - len(first):,} equal vertices"


def _plain(draft: Draft) -> Iterator[Primitive]:
    """Primitives whose vertices may be renumbered: morph targets would have to follow."""
    return (one for one in draft.primitives() if not items(one.json, "targets"))
