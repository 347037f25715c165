"""Reading the glTF JSON of a file from anywhere: what is not what it should be reads as empty."""

from __future__ import annotations

from typing import Any


def items(owner: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects of a list; others are skipped."""
    found = owner.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def object_of(owner: dict[str, Any], key: str) -> dict[str, Any]:
    """An object."""
    found = owner.get(key)
    return found if isinstance(found, dict) else {}


def element_at(document: dict[str, Any], collection: str, index: Any) -> dict[str, Any]:
    """An element of a list of the document."""
    found = document.get(collection)
    if not isinstance(found, list) or type(index) is not int or not 0 <= index < len(found):
        return {}
    return found[index] if isinstance(found[index], dict) else {}


def strings(owner: dict[str, Any], key: str) -> list[str]:
    """The strings of a list."""
    found = owner.get(key)
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def joints(skin: dict[str, Any]) -> list[int]:
    """The nodes that are bones of a skin."""
    found = skin.get("joints")
    return [index for index in found if type(index) is int] if isinstance(found, list) else []


def moving_nodes(document: dict[str, Any]) -> set[int]:
    """Bones and animated nodes: engines find them by name, and clips place them."""
    bones = {bone for skin in items(document, "skins") for bone in joints(skin)}
    targets = (
        object_of(channel, "target").get("node")
        for animation in items(document, "animations")
        for channel in items(animation, "channels")
    )
    return bones | {node for node in targets if type(node) is int}


def label(owner: dict[str, Any]) -> str:
    """A name; empty without one."""
    name = owner.get("name", "")
    return name if isinstance(name, str) else ""


def image_of(document: dict[str, Any], texture: Any) -> int | None:
    """The image that a texture shows, WebP before its fallback."""
    found = element_at(document, "textures", texture)
    webp = object_of(object_of(found, "extensions"), "EXT_texture_webp")
    index = webp.get("source", found.get("source"))
    return index if type(index) is int else None
