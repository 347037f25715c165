"""Take out an alpha cutoff that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from ..document import items, label
from ..draft import Draft


def remove_cutoff(draft: Draft) -> Iterator[str]:
    """``alphaCutoff`` of materials that are not MASK."""
    for material in items(draft.json, "materials"):
        if "alphaCutoff" in material and material.get("alphaMode", "OPAQUE") != "MASK":
            del material["alphaCutoff"]
            yield f"material {label(material)!r}: removed an alpha cutoff that nothing reads"
