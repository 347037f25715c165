"""Drop the alpha channel of opaque materials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trellis_assets.textures import decode

from ..document import element_at, image_of, items, label, object_of
from ..draft import Draft
from .pictures import LOSSLESS, lossless


def drop_opaque_alpha(draft: Draft) -> Iterator[str]:
    """Base colors whose every user is OPAQUE, and that have alpha below 255."""
    opaque: set[int] = set()
    needed: set[int] = set()
    for material in items(draft.json, "materials"):
        if (index := base_color_image(draft.json, material)) is not None:
            (opaque if material.get("alphaMode", "OPAQUE") == "OPAQUE" else needed).add(index)
    for index in sorted(opaque - needed):
        image = draft.image(index)
        if image is None or image.mime not in LOSSLESS:
            continue
        pixels = decode(image, slot="base_color")
        if pixels.shape[2] == 4:
            draft.set_image(index, lossless(pixels[..., :3], image.mime))
            name = label(element_at(draft.json, "images", index)) or f"image {index}"
            yield f"{name}: dropped the alpha channel that no material shows"


def base_color_image(document: dict[str, Any], material: dict[str, Any]) -> int | None:
    """The image of a material's base color."""
    info = object_of(object_of(material, "pbrMetallicRoughness"), "baseColorTexture")
    return image_of(document, info.get("index"))
