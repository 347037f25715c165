"""Resize textures to powers of two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trellis_assets.textures import Slot, decode, image_size, resize

from ..document import element_at, image_of, items, label, object_of
from ..draft import Draft
from .pictures import LOSSLESS, lossless

_SLOT_OF: dict[str, Slot] = {
    "baseColorTexture": "base_color",
    "metallicRoughnessTexture": "orm",
    "occlusionTexture": "orm",
    "normalTexture": "normal",
    "emissiveTexture": "emissive",
}


def resize_to_powers_of_two(draft: Draft) -> Iterator[str]:
    """Each side goes down to a power of two; JPEG pictures stay, for they would lose."""
    for index, slot in sorted(_slots(draft.json).items()):
        image = draft.image(index)
        if image is None or image.mime not in LOSSLESS:
            continue
        width, height = image_size(image)
        if width & (width - 1) or height & (height - 1):
            small = resize(decode(image, slot=slot), size=max(width, height), slot=slot)
            draft.set_image(index, lossless(small, image.mime))
            name = label(element_at(draft.json, "images", index)) or f"image {index}"
            yield f"{name}: resized {width} x {height} to {small.shape[1]} x {small.shape[0]}"


def _slots(document: dict[str, Any]) -> dict[int, Slot]:
    """The slot of each image; one in several slots is left out, as its meaning is not clear."""
    found: dict[int, set[Slot]] = {}
    for material in items(document, "materials"):
        for owner in (material, object_of(material, "pbrMetallicRoughness")):
            for key, slot in _SLOT_OF.items():
                index = image_of(document, object_of(owner, key).get("index"))
                if index is not None:
                    found.setdefault(index, set()).add(slot)
    return {index: slots.pop() for index, slots in found.items() if len(slots) == 1}
