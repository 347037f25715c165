"""The same maps in the channels that an engine's standard material reads."""

from __future__ import annotations

import io

import numpy as np

from trellis_assets.textures import TextureSet, decode, resize


def unity_mask_map(textures: TextureSet, size: int) -> bytes | None:
    """Metalness R, occlusion G, detail mask B (0), smoothness A, as PNG to be read as linear.

    Smoothness is one minus roughness (Unity Manual, HDRP: Mask map and detail map).

    Args:
        textures: with the ORM map.
        size: longest side in pixels; never scaled up.

    Returns:
        None where there is no ORM map: then the material's factors say it all.
    """
    from PIL import Image

    if "orm" not in textures.images:
        return None
    full = decode(textures.images["orm"], slot="orm", material="mask map")
    orm = resize(full, size=size, slot="orm", alpha_mode="OPAQUE")
    occlusion = orm[..., 0] if textures.occlusion else np.full_like(orm[..., 0], 255)
    mask = np.dstack([orm[..., 2], occlusion, np.zeros_like(occlusion), 255 - orm[..., 1]])
    target = io.BytesIO()
    Image.fromarray(mask).save(target, "PNG", compress_level=6)
    return target.getvalue()
