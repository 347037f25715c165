"""What is too large to be judged in bounded time and memory, told before anything is unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trellis_assets.gltf import Glb, MalformedGlb, mesh_nodes

from .document import element_at, items, object_of
from .errors import ValidationError

LARGEST_FILE = 512 << 20
MOST_TRIANGLES = 2_000_000
MOST_VERTICES = 4_000_000
MOST_PRIMITIVES = 10_000


class TooLarge(ValidationError):
    """A file beyond what is judged."""


def refuse_long(data: bytes) -> None:
    """Raises TooLarge for more than 512 MiB."""
    if len(data) > LARGEST_FILE:
        raise TooLarge(
            f"{len(data):,} bytes, at most {LARGEST_FILE:,} are judged",
            fix="split the model or shrink its textures",
        )


def refuse_large(glb: Glb) -> None:
    """Count what drawing every node costs: one mesh may be drawn by thousands of nodes.

    Raises:
        TooLarge: more than 2 million triangles, 4 million vertices or 10,000 primitives.
        MalformedGlb: the node tree is broken.
    """
    primitives = vertices = corners = 0
    for drawn, indexed in _primitives(glb.json):
        primitives, vertices, corners = primitives + 1, vertices + drawn, corners + indexed
        for number, most, what in (
            (primitives, MOST_PRIMITIVES, "primitives"),
            (vertices, MOST_VERTICES, "vertices"),
            (corners // 3, MOST_TRIANGLES, "triangles"),
        ):
            if number > most:
                raise TooLarge(
                    f"{number:,} {what} and more, at most {most:,} are judged",
                    fix="reduce or split the model",
                )


def _primitives(document: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """(vertices, corners) of each primitive of each node."""
    for node, _ in mesh_nodes(document):
        mesh = element_at(document, "meshes", node.get("mesh"))
        for primitive in items(mesh, "primitives"):
            position = object_of(primitive, "attributes").get("POSITION")
            drawn = _count(document, position)
            indexed = "indices" in primitive
            yield drawn, _count(document, primitive["indices"]) if indexed else drawn


def _count(document: dict[str, Any], index: Any) -> int:
    count = element_at(document, "accessors", index).get("count", 0)
    if not isinstance(count, int | float) or not 0 <= count < 1e12:
        raise MalformedGlb(f"accessors[{index}].count is {count!r}", fix="export the file again")
    return int(count)
