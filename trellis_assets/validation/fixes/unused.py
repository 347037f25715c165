"""Take out what nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator

from ..draft import Draft
from ..references import COLLECTIONS, drop, knows_all_references, unused


def remove_unused_objects(draft: Draft) -> Iterator[str]:
    """Meshes, materials, textures … ; nodes too. Nothing, if an unknown extension may need them."""
    if not knows_all_references(draft.json):
        return
    for collection in COLLECTIONS:  # users before what they use
        gone = unused(draft.json).get(collection, set())
        while gone:
            yield f"removed {len(gone)} unused {collection}"
            drop(draft.json, collection, gone)
            gone = unused(draft.json).get(collection, set())
