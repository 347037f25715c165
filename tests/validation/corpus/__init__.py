"""A corpus of GLBs, each with one named defect, and the clean twins they were made from.

``python -m tests.validation.corpus FOLDER`` writes them as files.
"""

from __future__ import annotations

# Each family registers its cases.
from . import (  # noqa: F401
    budgets,
    clean,
    files,
    ladder,
    materials,
    meshes,
    normals,
    placement,
    scene,
    textures,
    uvs,
)
from .case import BUILDERS, Case

__all__ = ["Case", "cases", "named"]


def cases() -> list[Case]:
    """All of them."""
    return [build() for _, build in BUILDERS.values()]


def named(name: str) -> Case:
    """One of them."""
    _, build = BUILDERS[name]
    return build()
