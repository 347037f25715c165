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
    shrunk = _Shrunk(texels, size)
    light = shrunk.mean(values.base_color)
    fill = Filling(shrunk.covered, gutter)
    base = np.empty(light.shape, np.uint8)
    base[:, :3] = srgb(light[:, :3])
    if light.shape[1] == 4:
        base[:, 3] = _bytes(light[:, 3])
    orm = _bytes(shrunk.mean(values.orm))
    direction = unit32(shrunk.mean(values.normal))
    # 128 is the zero of normal textures in practice; 127 steps either way keep it exact.
    normal = np.clip(np.round(direction * 127.0 + 128.0), 0, 255).astype(np.uint8)
    pictures = {
        "base_color": fill(base, None),
        "orm": fill(orm, None),
        "normal": fill(normal, (128, 128, 255)),
    }
    if values.emissive is not None:
        pictures["emissive"] = fill(srgb(shrunk.mean(values.emissive)), None)
    with ThreadPoolExecutor() as pool:  # OpenCV encodes outside the interpreter lock
        images = dict(zip(pictures, pool.map(encode_png, pictures.values(), pictures), strict=True))
    return BakedMaps(
        base_color=images["base_color"],
        orm=images["orm"],
        normal=images["normal"],
        emissive=images.get("emissive"),
        covered=float(shrunk.covered.mean()),
    )


class _Shrunk:
    """The covered texels of the finished maps, and the means of what was found for them."""

    def __init__(self, texels: Texels, size: int) -> None:
        self._texels = texels
        self._size = size
        share = np.zeros(texels.size * texels.size, np.float32)
        share[texels.index] = 1.0
        if texels.size != size:
            share = self._resized(share[:, None])[:, 0]
        self.covered: NDArray[np.bool_] = np.asarray(share > 1e-6)
        """(size * size,)"""
        self._share = share[self.covered, None]

    def mean(self, values: Float32) -> Float32:
        """(M, C) of the M covered texels, from (N, C) of the texels that were baked."""
        if self._texels.size == self._size:
            return values  # row by row, as the covered ones are
        image = np.zeros((self._texels.size**2, values.shape[1]), np.float32)
        image[self._texels.index] = values
        return np.asarray(self._resized(image)[self.covered] / self._share, np.float32)

    def _resized(self, image: Float32) -> Float32:
        square = image.reshape(self._texels.size, self._texels.size, -1)
        small = cv2.resize(square, (self._size, self._size), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32).reshape(self._size**2, -1)


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

    def __call__(
        self, shown: NDArray[np.uint8], background: tuple[int, ...] | None
    ) -> NDArray[np.uint8]:
        """(size, size, C) from (M, C) codes of the covered texels; None: their mean behind them."""
        if background is None:
            mean = shown.mean(axis=0, dtype=np.float64) if len(shown) else np.zeros(shown.shape[1])
            background = tuple(np.round(mean).astype(np.uint8))
        pixels = np.empty((self._size * self._size, shown.shape[1]), np.uint8)
        pixels[:] = background
        pixels[self._inside] = shown
        pixels[self._rim] = pixels[self._nearest]
        return pixels.reshape(self._size, self._size, -1)


def _bytes(values: Float32) -> NDArray[np.uint8]:
    scaled = values * np.float32(255.0)
    scaled += np.float32(0.5)
    np.clip(scaled, 0.0, 255.0, out=scaled)
    return scaled.astype(np.uint8)
