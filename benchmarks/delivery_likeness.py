"""How like the source the maps of a file are, and how like it looks."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Image, Model
from trellis_assets.previews import Ball, Scene, ssim
from trellis_assets.srgb import linear_to_srgb, srgb_to_linear
from trellis_assets.textures import COLOR_SLOTS, Pixels, decode, uv_coverage

PICTURE = 512
"""Pixels on a side of a rendered picture; a rung is never judged at a larger one."""
VIEWS = ((0.0, 20.0), (120.0, 20.0))
"""Azimuth and elevation in degrees."""


class Source:
    """The model that all files were made from.

    The reference is the source itself, not a smaller picture of it that one of the filters made:
    each map is magnified to the source's size as a GPU does (bilinearly, colour in linear light)
    and compared in every channel over the texels in use.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._maps = {
            slot: decode(image, slot=slot)[..., :3]
            for slot, image in model.parts[0].material.images().items()
        }
        meshes = [part.mesh for part in model.parts]
        self._used = {
            array.shape[:2]: uv_coverage(meshes, width=array.shape[1], height=array.shape[0]) == 2
            for array in self._maps.values()
        }
        self._known: dict[tuple[str, bytes], float] = {}
        self._pictures = _pictures(model)

    def likeness(self, images: Mapping[str, Image]) -> float:
        """Mean SSIM of the maps, by slot."""
        return float(np.mean([self._map(slot, image) for slot, image in images.items()]))

    def look(self, model: Model) -> float:
        """Mean SSIM of rendered pictures, of which textures are only a part."""
        pairs = zip(self._pictures, _pictures(model), strict=True)
        return float(np.mean([ssim(wanted, found) for wanted, found in pairs]))

    def _map(self, slot: str, image: Image) -> float:
        key = slot, sha256(image.data).digest()
        if key not in self._known:
            wanted = self._maps[slot]
            found = _magnified(decode(image, slot=slot)[..., :3], wanted.shape[:2], slot)
            alpha = self._used[wanted.shape[:2]].astype(np.uint8) * 255
            self._known[key] = float(np.mean(_channels(wanted, found, alpha)))
        return self._known[key]


def _channels(wanted: Pixels, found: Pixels, alpha: NDArray[np.uint8]) -> list[float]:
    grey = [
        [np.dstack([one[..., channel]] * 3 + [alpha]) for one in (wanted, found)]
        for channel in range(3)
    ]
    return [ssim(first, second) for first, second in grey]


def _magnified(pixels: Pixels, shape: tuple[int, ...], slot: str) -> Pixels:
    if pixels.shape[:2] == shape:
        return pixels
    size = (shape[1], shape[0])
    if slot not in COLOR_SLOTS:
        return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    light = cv2.resize(srgb_to_linear(pixels), size, interpolation=cv2.INTER_LINEAR)
    return linear_to_srgb(np.asarray(light, np.float32))


def _pictures(model: Model) -> list[Pixels]:
    scene, ball = Scene(model), Ball.of_bounds(model.bounds())
    return [
        scene.render(size=PICTURE, azimuth=azimuth, elevation=elevation, bounds=ball)
        for azimuth, elevation in VIEWS
    ]
