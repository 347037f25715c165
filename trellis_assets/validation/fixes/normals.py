"""Bring normals to unit length."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..draft import Draft


def renormalise(draft: Draft) -> Iterator[str]:
    """Normals that have a direction; those without one are left alone."""
    for primitive in draft.primitives():
        normals = draft.array(primitive, "NORMAL")
        if normals is None:
            continue
        length = np.linalg.norm(normals.astype(np.float64), axis=1)
        wrong = (np.abs(length - 1.0) > 5e-4) & (length > 1e-6) & np.isfinite(length)
        if wrong.any():
            scaled = normals / np.where(wrong, length, 1.0)[:, None]
            draft.set_array(primitive, "NORMAL", scaled)
            yield f"{primitive.mesh}: brought {int(wrong.sum()):,} normals to unit length"
