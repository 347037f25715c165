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
from .case import RULE_OF, Case, named

__all__ = ["RULE_OF", "Case", "named"]
