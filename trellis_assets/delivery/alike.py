"""Up to which size on screen a rung looks like the master: measured on pictures of both."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trellis_assets.gltf import Model
from trellis_assets.previews import MARGIN, Ball, Picture, Scene, ssim
from trellis_assets.previews.views import ALL_AROUND, View

from .switching import SCREEN_HEIGHT

ALIKE = 0.97
"""SSIM over the square that the bounding sphere fills, from each of :data:`VIEWS`. 0.95 is what
three.js has to find (`tests/readers`); under its light small polished models have up to 0.015 less
than under ours."""
VIEWS = ALL_AROUND[::3]
"""Four: the front from above, the back from below, one side level and one from far below."""
LARGEST = 512
"""Pixels on a side of the largest pictures compared; a rung shown larger is judged at this size."""
SMALLEST = 16
"""Pixels across the bounding sphere; whatever a rung looks like, it may be shown in fewer."""
_STEP = 0.85  # from one size that is tried to the next
_SAMPLES = 256  # across a picture, at least: glints of single pixels say nothing about a rung,
# and a game's anti-aliasing over time averages them as well


@dataclass(frozen=True)
class Alike:
    """A size at which a rung looks like the master, and the SSIM of the worst direction there."""

    size: float
    """Diameter of the bounding sphere over the height of the screen."""
    ssim: float


class Original:
    """The master as it looks on a screen of 1080 lines, to lay rungs beside it.

    Drawn under one light and without shadows; its pictures serve all rungs of a size.

    Args:
        master: what rungs should look like.
        sized_by: the model whose bounding sphere sizes are measured by.

    Raises:
        PreviewError: a texture does not decode.
    """

    def __init__(self, master: Model, sized_by: Model) -> None:
        self._scene = Scene(master)
        self._ball = Ball.of_bounds(sized_by.bounds())
        self._pictures: dict[tuple[View, int], Picture] = {}

    def largest_alike(self, rung: Model, *, at_most: float) -> Alike:
        """The largest size at which ``rung`` looks like the master from all directions.

        Args:
            rung: at the master's place and scale.
            at_most: the first size tried; smaller and smaller ones follow.

        Returns:
            Where none will do, that of :data:`SMALLEST` pixels, with an SSIM below :data:`ALIKE`.
        """
        scene, size = Scene(rung), at_most
        while True:
            pixels = min(round(size * SCREEN_HEIGHT), LARGEST)
            lowest = self._lowest_ssim(scene, max(pixels, 1))
            if lowest >= ALIKE or pixels <= SMALLEST:
                return Alike(size, lowest)
            size = max(min(size, LARGEST / SCREEN_HEIGHT) * _STEP, SMALLEST / SCREEN_HEIGHT)

    def _lowest_ssim(self, rung: Scene, pixels: int) -> float:
        """Of all directions, or of the first few where one is too low already."""
        lowest = 1.0
        for view in VIEWS:
            if (view, pixels) not in self._pictures:
                self._pictures[view, pixels] = self._seen(self._scene, view, pixels)
            seen = self._seen(rung, view, pixels)
            lowest = min(lowest, ssim(self._pictures[view, pixels], seen, whole=True))
            if lowest < ALIKE:
                break
        return lowest

    def _seen(self, scene: Scene, view: View, pixels: int) -> Picture:
        """The square that the ball fills, (pixels, pixels, 4)."""
        finer = math.ceil(_SAMPLES / pixels)
        side = pixels * finer
        margin = math.ceil(side * MARGIN / (1 - MARGIN) / 2)
        picture = scene.render(
            size=side + 2 * margin,
            azimuth=view.azimuth,
            elevation=view.elevation,
            bounds=self._ball,
            shadow=False,
            occlusion=False,
        )
        return _averaged(picture[margin:-margin, margin:-margin], finer)


def _averaged(picture: Picture, by: int) -> Picture:
    """Blocks of ``by`` times ``by`` pixels as one; colour counts by its alpha."""
    if by == 1:
        return picture
    side = len(picture) // by
    blocks = picture.reshape(side, by, side, by, 4).astype(np.float32)
    alpha = blocks[..., 3:]
    weight = alpha.sum(axis=(1, 3))
    colour = (blocks[..., :3] * alpha).sum(axis=(1, 3)) / np.maximum(weight, np.float32(1e-6))
    return np.asarray(np.rint(np.concatenate([colour, weight / by**2], axis=2)), np.uint8)
