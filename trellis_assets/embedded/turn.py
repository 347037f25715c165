"""The pattern of a turned object, continued once around.

The picture shows half of a turn, well enough for about a third of it: column x shows the angle
asin(x / r), crowded towards the edges. That third is unrolled and laid around the body three times,
the first one exactly where the picture has it. The cuts are where the two ends fit each other best;
they are faded. In the copies the light that falls from one side is taken out, and rings that a
camera above or below bends are straight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.lookup import remap
from trellis_assets.embedded.paint import Picture
from trellis_assets.embedded.shape import Shape
from trellis_assets.embedded.unrolled import (
    best_cut,
    bow_of_rings,
    columns_at,
    light_across,
    smooth,
    unrolled,
)

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]
Int = NDArray[np.int64]

FADE = 7.0  # degrees
CURVATURE_TAKEN = 0.3
LEAST_LATHE = 0.5
WIDEST = 4096
ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class Turn:
    """``around`` (S, A, 4): RGB and roughness by picture row and angle; column 0 is the back.

    ``radius`` and ``middle`` (S,) of the body in each picture row, in pixels; ``share`` (S,) how
    far the row is turned.
    """

    around: Bytes
    radius: Float
    middle: Float
    share: Float

    def look(self, x: Float, y: Float, depth: Float) -> tuple[Float, Float]:
        """Colours (N, 4) of points (N,) on the body, in pixels (``depth`` from its axis towards
        the viewer), and how far they hold: 0 on what sticks out of it.
        """
        row = np.clip(np.rint(y), 0, len(self.radius) - 1).astype(np.int64)
        away = x - self.middle[row]
        share = self.share[row] * np.clip(2.5 - np.abs(away) + self.radius[row], 0.0, 1.0)
        return self._at(y, np.arctan2(away, depth)), share.astype(np.float32)

    def back(self, picture: Picture) -> Picture:
        """``picture`` (S, S), a back in the frame of the front, redrawn where the body is."""
        side = len(self.radius)
        columns = np.arange(side, dtype=np.float32)
        y = columns[:, None] + np.zeros((1, side), np.float32)
        away = columns[None, :] - self.middle[:, None]
        angle = np.arcsin(np.clip(away / np.maximum(self.radius[:, None], 1.0), -1.0, 1.0))
        found = self._at(y.ravel(), (np.pi - angle).ravel().astype(np.float32)).reshape(
            side, side, 4
        )
        share = self.share[:, None] * np.clip(2.5 - np.abs(away) + self.radius[:, None], 0.0, 1.0)
        share = share[..., None].astype(np.float32)
        rgb = picture.rgb + share * (found[..., :3] - picture.rgb)
        orm = picture.orm.copy()
        rough = orm[:, :, 1] + share[..., 0] * (found[..., 3] - orm[:, :, 1])
        orm[:, :, 1] = (rough + 0.5).astype(np.uint8)
        return Picture((rgb + 0.5).astype(np.uint8), orm)

    def _at(self, y: Float, angle: Float) -> Float:
        """Colours (N, 4) at picture rows ``y`` and ``angle`` from the front, to the right."""
        columns = self.around.shape[1]
        across = np.mod(angle / (2.0 * np.pi) + 0.5, 1.0) * columns - 0.5
        return remap(self.around, across.astype(np.float32), y.astype(np.float32))


def turn(shape: Shape, front: Picture) -> Turn | None:
    """The pattern around ``shape``, or None when it is not turned."""
    if shape.lathe <= LEAST_LATHE:
        return None
    side = len(front.rgb)
    outline, body = shape.outline, shape.turned
    y = np.arange(side, dtype=np.float32)
    at = (y + 0.5 - outline.y0) / outline.scale - 0.5
    rows = np.arange(len(body.radius))
    soft = max(1.0, 0.004 * outline.size)
    radius, centred = (
        np.interp(at, rows, smooth(values, soft)).astype(np.float32)
        for values in (body.radius, body.share.max(axis=1))
    )
    middle = np.interp(at, rows, body.middle).astype(np.float32)
    middle = (middle + 0.5) * outline.scale + outline.x0 - 0.5
    radius = radius * outline.scale
    share = np.clip((shape.lathe * centred - 0.4) / 0.3, 0.0, 1.0).astype(np.float32)
    columns = int(np.clip(2.0 * np.pi * float(radius.max()), 256, WIDEST))
    image = np.dstack([front.rgb, front.orm[:, :, 1]])
    strip = unrolled(image, radius, middle, columns)
    around = _laid_around(strip, radius, share, columns, outline.size * outline.scale)
    return Turn(around, radius, middle, share)


def _laid_around(strip: Bytes, radius: Float, share: Float, columns: int, size: float) -> Bytes:
    """(S, A, 4): the strip around a full turn, three times."""
    light = light_across(strip, size)
    cut = best_cut(strip, light[0], radius * share)
    layout = _Layout.of(cut, columns)
    bow = bow_of_rings(strip, radius, share)
    around = np.empty((len(strip), columns, 4), dtype=np.uint8)
    for start in range(0, len(strip), ROWS_AT_ONCE):
        rows = np.arange(start, min(start + ROWS_AT_ONCE, len(strip)))
        band = layout.draw(strip, rows, (light[0][rows], light[1][rows]), bow[rows])
        around[rows] = np.clip(band + 0.5, 0.0, 255.0)
    return around


@dataclass(frozen=True)
class _Layout:
    """Where each of A columns finds its colour: ``source`` degrees in the strip, and in the faded
    columns ``faded`` a second place, ``other``, with its ``weight``. ``run`` counts from 0 at the
    first cut, through the back, to 1 at the last; ``copies`` (A,) marks what lies between.
    """

    cut: float
    source: Float
    run: Float
    copies: NDArray[np.bool_]
    faded: Int
    other: Float
    weight: Float

    @classmethod
    def of(cls, cut: float, columns: int) -> _Layout:
        angle = (np.arange(columns) + 0.5) * 360.0 / columns - 180.0
        copies = np.abs(angle) > cut
        length = 180.0 - cut
        run = np.where(copies, np.mod(angle - cut, 360.0), 0.0)
        stretch = 2.0 * cut / length
        second = run >= length
        source = np.where(copies, -cut + (run - second * length) * stretch, angle)
        # At the ends the picture itself goes on; in the middle both copies do.
        middle, left = run - length, 2.0 * length - run
        first_end, last_end = copies & (run < FADE), copies & (left < FADE)
        between = np.abs(middle) < 0.5 * FADE
        other = np.select(
            [first_end, last_end, between & second, between],
            [cut + run, -cut - left, cut + middle * stretch, -cut + middle * stretch],
            0.0,
        )
        weight = np.select(
            [first_end, last_end, between],
            [1.0 - run / FADE, 1.0 - left / FADE, 0.5 - np.abs(middle) / FADE],
            0.0,
        )
        faded = np.flatnonzero(weight > 0.0)
        return cls(
            cut,
            source.astype(np.float32),
            (run / (2.0 * length)).astype(np.float32),
            copies,
            faded,
            other[faded].astype(np.float32),
            weight[faded].astype(np.float32),
        )

    def draw(self, strip: Bytes, rows: Int, light: tuple[Float, Float], bow: Float) -> Float:
        """``rows`` (N,) of the full turn, (N, A, 4); ``light`` and ``bow`` of these rows."""
        result = self._place(strip, rows, light, bow, self.source, self.run, self.copies)
        run = self.run[self.faded]
        inner = np.abs(run - 0.5) < 0.25
        second = self._place(strip, rows, light, bow, self.other, run, inner)
        result[:, self.faded] += self.weight[None, :, None] * (second - result[:, self.faded])
        return result

    def _place(
        self,
        strip: Bytes,
        rows: Int,
        light: tuple[Float, Float],
        bow: Float,
        source: Float,
        run: Float,
        copies: NDArray[np.bool_],
    ) -> Float:
        """The strip at ``source`` degrees; where it is a copy, its rings are straight and its
        light is even, passing over from one end of the picture to the other.
        """
        bend = np.cos(np.radians(source)) - np.cos(np.radians(self.cut))
        bend = np.where(copies, bend, 0.0).astype(np.float32)
        result = columns_at(strip, source, rows[:, None] + bow[:, None] * bend[None, :])
        relative = source / self.cut
        slope = np.where(copies, 1.0 - 2.0 * run - relative, 0.0).astype(np.float32)
        dome = np.where(copies, CURVATURE_TAKEN * (1.0 - relative**2), 0.0).astype(np.float32)
        lit = slope[None, :] * light[0][:, None] + dome[None, :] * light[1][:, None]
        result[..., :3] += lit[..., None]
        return result
