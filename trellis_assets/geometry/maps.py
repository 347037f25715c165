"""Finished textures from what was found for each texel: average down, extend the charts, encode."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Image

from ._pixels import encode_png, srgb
from .raster import Texels
from .topology import unit32

Float32 = NDArray[np.float32]


class TexelValues:
    """What was found for each texel: linear light, data 0..1, tangent-space directions."""

    def __init__(self, count: int, *, alpha: bool, emissive: bool) -> None:
        self.base_color = np.zeros((count, 4 if alpha else 3), np.float32)
        self.orm = np.ones((count, 3), np.float32)
        self.normal = np.zeros((count, 3), np.float32)
        self.emissive = np.zeros((count, 3), np.float32) if emissive else None


@dataclass(frozen=True, eq=False)
class BakedMaps:
    """The textures of one atlas."""

    base_color: Image
    orm: Image
    normal: Image
    emissive: Image | None
    covered: float
    """Share of texels that belong to a chart."""


def finished(values: TexelValues, texels: Texels, *, size: int, gutter: int) -> BakedMaps:
    """Average down to ``size``, extend the charts by ``gutter`` texels, fill the rest, encode."""
    light, covered = _shrink(values.base_color, texels, size)
    fill = Filling(covered, gutter)
    base = np.empty(light.shape, np.uint8)
    base[:, :3] = srgb(light[:, :3])
    if light.shape[1] == 4:
        base[:, 3] = _bytes(light[:, 3])
    orm = _bytes(_shrink(values.orm, texels, size)[0])
    direction = unit32(_shrink(values.normal, texels, size)[0])
    # 128 is the zero of normal textures in practice; 127 steps either way keep it exact.
    normal = np.clip(np.round(direction * 127.0 + 128.0), 0, 255).astype(np.uint8)
    pictures = {
        "base_color": fill(base, None),
        "orm": fill(orm, None),
        "normal": fill(normal, (128, 128, 255)),
    }
    if values.emissive is not None:
        glow = srgb(_shrink(values.emissive, texels, size)[0])
        pictures["emissive"] = fill(glow, None)
    with ThreadPoolExecutor() as pool:  # OpenCV encodes outside the interpreter lock
        images = dict(zip(pictures, pool.map(encode_png, pictures.values(), pictures), strict=True))
    return BakedMaps(
        base_color=images["base_color"],
        orm=images["orm"],
        normal=images["normal"],
        emissive=images.get("emissive"),
        covered=float(covered.mean()),
    )


def _shrink(values: Float32, texels: Texels, size: int) -> tuple[Float32, NDArray[np.bool_]]:
    """(size * size, C) image of texel values and which of its texels are covered."""
    channels = values.shape[1]
    image = np.zeros((texels.size * texels.size, channels), np.float32)
    image[texels.index] = values
    weight = np.zeros(texels.size * texels.size, np.float32)
    weight[texels.index] = 1.0
    if texels.size == size:
        return image, weight > 0.0
    square = image.reshape(texels.size, texels.size, channels)
    small = cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA)
    share = cv2.resize(
        weight.reshape(texels.size, texels.size), (size, size), interpolation=cv2.INTER_AREA
    ).reshape(-1)
    covered = share > 1e-6
    mean = small.reshape(-1, channels) / np.where(covered, share, 1.0)[:, None]
    return np.asarray(mean, np.float32), np.asarray(covered)


class Filling:
    """Extends charts into the gutter by nearest texel and fills the rest with one colour."""

    def __init__(self, covered: NDArray[np.bool_], gutter: int) -> None:
        self._size = int(np.sqrt(len(covered)))
        self._inside = np.flatnonzero(covered)
        empty = (~covered).astype(np.uint8).reshape(self._size, self._size)
        distance, label = cv2.distanceTransformWithLabels(
            empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        distance, label = distance.reshape(-1), label.reshape(-1)
        texel = np.zeros(int(label.max()) + 1, np.int64)
        texel[label[self._inside]] = self._inside
        rim = np.flatnonzero(~covered & (distance <= gutter))
        self._rim, self._nearest = rim, texel[label[rim]]
        self._far = np.flatnonzero(distance > gutter)

    def __call__(
        self, pixels: NDArray[np.uint8], background: tuple[int, ...] | None
    ) -> NDArray[np.uint8]:
        if background is None and len(self._inside):
            mean = pixels[self._inside].mean(axis=0, dtype=np.float64)
            pixels[self._far] = np.round(mean).astype(np.uint8)
        elif background is not None:
            pixels[self._far] = background
        pixels[self._rim] = pixels[self._nearest]
        return pixels.reshape(self._size, self._size, -1)


def _bytes(values: Float32) -> NDArray[np.uint8]:
    scaled = values * np.float32(255.0)
    scaled += np.float32(0.5)
    np.clip(scaled, 0.0, 255.0, out=scaled)
    return scaled.astype(np.uint8)
