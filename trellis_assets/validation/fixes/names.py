"""Bring names into the characters that every engine takes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ..document import items, label, moving_nodes
from ..draft import Draft

_COLLECTIONS = {"nodes": "node", "meshes": "mesh", "materials": "material"}


def clean_names(draft: Draft) -> Iterator[str]:
    """Letters, digits, _ and -, starting with a letter; equal names of nodes get a number.

    Bones keep theirs, by which clips made for other models find them.
    """
    for collection, fallback in _COLLECTIONS.items():
        named = items(draft.json, collection)
        bones = moving_nodes(draft.json) if collection == "nodes" else set()
        taken = {label(item) for index, item in enumerate(named) if index in bones}
        for index, item in enumerate(named):
            if index in bones:
                continue
            old = label(item)
            new = clean_name(old) or fallback
            if collection == "nodes":
                number, base = 2, new
                while new in taken:
                    new, number = f"{base}_{number}", number + 1
                taken.add(new)
            if new != old:
                item["name"] = new
                yield f"renamed {fallback} {old!r} to {new!r}"


def clean_name(name: str) -> str:
    """The name in plain letters, digits, _ and -; empty if nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_-").lstrip("0123456789_-")[:64]
