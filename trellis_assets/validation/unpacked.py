"""What the validator can see of a packed file: the same meshes after unpacking."""

from __future__ import annotations

from dataclasses import replace

from trellis_assets.gltf import (
    GEOMETRY_EXTENSIONS,
    GltfError,
    Material,
    load_model,
    model_to_glb,
    read_glb,
)

GEOMETRY = frozenset(GEOMETRY_EXTENSIONS["meshopt"] + GEOMETRY_EXTENSIONS["draco"])
"""Extensions whose content :func:`plain_form` brings to light."""


def plain_form(data: bytes) -> bytes | None:
    """The GLB's meshes as every reader gets them once decoded, without materials.

    None if nothing is packed, or if it cannot be unpacked: reading the file says why.
    """
    try:
        used = read_glb(data).json.get("extensionsUsed")
        if not isinstance(used, list) or not GEOMETRY.intersection(map(str, used)):
            return None
        model = load_model(data)
    except GltfError:
        return None
    bare = Material()
    return model_to_glb(
        replace(model, parts=tuple(replace(part, material=bare) for part in model.parts))
    )
