"""What is too large to be judged in bounded time and memory, told before anything is unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trellis_assets.gltf import Glb, MalformedGlb, mesh_nodes

from .document import element_at, items, object_of
from .errors import ValidationError

LARGEST_FILE = 512 << 20
LARGEST_JSON = 8 << 20  # unpacked it takes 25 times as much
MOST_OBJECTS = 300_000
MOST_TRIANGLES = 1_500_000
MOST_VERTICES = 3_000_000
MOST_PRIMITIVES = 10_000


class TooLarge(ValidationError):
    """A file beyond what is judged."""


def refuse_long(data: bytes) -> None:
    """Raises TooLarge for more than 512 MiB, or 8 MiB of JSON."""
    if len(data) > LARGEST_FILE:
        raise TooLarge(
            f"{len(data):,} bytes, at most {LARGEST_FILE:,} are judged",
            fix="split the model or shrink its textures",
        )
    length = int.from_bytes(data[12:16], "little")
    if data[:4] == b"glTF" and length > LARGEST_JSON:
        raise TooLarge(
            f"{length:,} bytes of JSON, at most {LARGEST_JSON:,} are judged",
            fix="move bulk data out of extras, or split the model",
        )


def refuse_crowded(document: dict[str, Any]) -> None:
    """Raises TooLarge for more than 300,000 objects and lists in the JSON."""
    count = 0
    stack: list[Any] = [document]
    while stack:
        count += 1
        if count > MOST_OBJECTS:
            raise TooLarge(
                f"more than {MOST_OBJECTS:,} objects in the JSON", fix="merge nodes and meshes"
            )
        item = stack.pop()
        values = item.values() if isinstance(item, dict) else item
        stack.extend(value for value in values if isinstance(value, dict | list))


def refuse_large(glb: Glb) -> None:
    """Count what drawing every node costs: one mesh may be drawn by thousands of nodes.

    Raises:
        TooLarge: more than 1.5 million triangles, 3 million vertices or 10,000 primitives.
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
