"""The texture slots of a material and what kind of data each one holds."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(H, W, 3) or, for base color only, (H, W, 4): rows from the top, RGB order."""

Slot = Literal["base_color", "orm", "normal", "emissive"]
TextureFormat = Literal["png", "jpeg", "webp", "ktx2"]

SLOTS: tuple[Slot, ...] = ("base_color", "orm", "normal", "emissive")
COLOR_SLOTS: frozenset[str] = frozenset({"base_color", "emissive"})
"""Slots that hold sRGB colour; the others hold plain numbers (glTF 2.0, section 3.9.2)."""

MIME: dict[str, str] = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "ktx2": "image/ktx2",
}
