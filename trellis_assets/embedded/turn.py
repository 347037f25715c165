"""The pattern of a turned object, continued once around.

The picture shows half of a turn, well enough for about a third of it: column x shows the angle
asin(x / r), crowded towards the edges. That third is unrolled and laid around the body three times,
the first one exactly where the picture has it. The cuts are where the two ends fit each other best;
they are faded. In the copies the light that falls from one side is taken out, and rings that a
camera above or below bends are straight.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.lookup import remap
from trellis_assets.embedded.paint import Picture
from trellis_assets.embedded.shape import Shape

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]
Int = NDArray[np.int64]

# Degrees from the middle; beyond the last one the picture is too crowded to be unrolled.
CUTS = (52.0, 64.0)
LAST = 71.0
FADE = 7.0
BAND = 6.0
COARSE = 4
SMOOTHED = 0.03
CURVATURE_TAKEN = 0.3
LEAST_LATHE = 0.5
WIDEST = 4096
LIGHT_SAMPLES = 71
# Bows of rings that are tried, relative to their radius, and the gain that convinces.
BOWS = np.arange(-15, 16) * 0.02
CLEAR = 0.97
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
        np.interp(at, rows, _smooth(values, soft)).astype(np.float32)
        for values in (body.radius, body.share.max(axis=1))
    )
    middle = np.interp(at, rows, body.middle).astype(np.float32)
    middle = (middle + 0.5) * outline.scale + outline.x0 - 0.5
    radius = radius * outline.scale
    share = np.clip((shape.lathe * centred - 0.4) / 0.3, 0.0, 1.0).astype(np.float32)
    columns = int(np.clip(2.0 * np.pi * float(radius.max()), 256, WIDEST))
    image = np.dstack([front.rgb, front.orm[:, :, 1]])
    strip = _unrolled(image, radius, middle, columns)
    around = _laid_around(strip, radius, share, columns, outline.size * outline.scale)
    return Turn(around, radius, middle, share)


def _unrolled(image: Bytes, radius: Float, middle: Float, columns: int) -> Bytes:
    """(S, N, 4): the picture by angle from -LAST to LAST degrees, ``columns`` to a full turn."""
    count = 2 * round(LAST / 360.0 * columns) + 1
    angle = np.radians(np.linspace(-LAST, LAST, count))
    x = middle[:, None] + radius[:, None] * np.sin(angle)[None, :]
    y = np.arange(len(radius), dtype=np.float32)[:, None] + np.zeros_like(x)
    found = cv2.remap(
        image,
        x.astype(np.float32),
        y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found, dtype=np.uint8)


def _laid_around(strip: Bytes, radius: Float, share: Float, columns: int, size: float) -> Bytes:
    """(S, A, 4): the strip around a full turn, three times."""
    light = _light(strip, size)
    cut = _best_cut(strip, light[0], radius * share)
    layout = _Layout.of(cut, columns)
    bow = _bow(strip, radius, share)
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
        result = _columns(strip, source, rows[:, None] + bow[:, None] * bend[None, :])
        relative = source / self.cut
        slope = np.where(copies, 1.0 - 2.0 * run - relative, 0.0).astype(np.float32)
        dome = np.where(copies, CURVATURE_TAKEN * (1.0 - relative**2), 0.0).astype(np.float32)
        lit = slope[None, :] * light[0][:, None] + dome[None, :] * light[1][:, None]
        result[..., :3] += lit[..., None]
        return result


def _columns(strip: Bytes, degrees: Float, rows: NDArray[np.floating]) -> Float:
    """The strip at ``degrees`` (N,) from the front and ``rows`` (M, N): (M, N, 4)."""
    x = (degrees / LAST + 1.0) * 0.5 * (strip.shape[1] - 1)
    maps = np.broadcast_to(x.astype(np.float32), rows.shape), rows.astype(np.float32)
    found = cv2.remap(
        strip,
        np.ascontiguousarray(maps[0]),
        maps[1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found, dtype=np.float32)


def _light(strip: Bytes, size: float) -> tuple[Float, Float]:
    """Course of the light across the picture, (S,) each: grey is about
    ``mean + linear * t + curved * (t^2 - 1)`` with t from -1 to 1 between the widest cuts.
    """
    t = np.linspace(-LAST, LAST, LIGHT_SAMPLES) / CUTS[1]
    basis = np.stack([np.ones_like(t), t, t * t - 1.0], axis=1)
    small = cv2.resize(strip, (LIGHT_SAMPLES, len(strip)), interpolation=cv2.INTER_AREA)
    grey = np.asarray(small)[..., :3].mean(axis=2)
    found = grey @ np.linalg.pinv(basis).T
    linear, curved = (_smooth(found[:, i].astype(np.float32), SMOOTHED * size) for i in (1, 2))
    return linear, curved


def _best_cut(strip: Bytes, linear: Float, weight: Float) -> float:
    """The angle (degrees) at which the two ends of the strip continue each other best."""
    rows = np.arange(0, len(strip), COARSE)
    about = np.arange(-0.5 * BAND, BAND + 0.5)
    grid = rows[:, None] + np.zeros((1, about.size))
    best, best_cost = CUTS[1], np.inf
    for cut in np.arange(CUTS[0], CUTS[1] + 0.5):
        right, left = (
            _columns(strip, (end + about).astype(np.float32), grid)[..., :3] for end in (cut, -cut)
        )
        apart = np.abs(right - left - 2.0 * linear[rows][:, None, None]).mean(axis=(1, 2))
        cost = float((apart * weight[rows]).sum())
        if cost < best_cost:
            best, best_cost = float(cut), cost
    return best


def _bow(strip: Bytes, radius: Float, share: Float) -> Float:
    """How many pixels (S,) a ring's front lies below its sides in the picture.

    Judged in the upper and in the lower half: the bow that makes rows most alike along the ring,
    if it does so clearly.
    """
    used = np.flatnonzero(share > 0.5)
    if used.size < COARSE:
        return np.zeros_like(radius)
    rows = np.arange(used[0], used[-1] + 1, COARSE)
    degrees = np.linspace(-CUTS[1], CUTS[1], 33, dtype=np.float32)
    bend = np.cos(np.radians(degrees)) - 1.0
    costs = []
    for slope in BOWS:
        y = rows[:, None] + slope * radius[rows][:, None] * bend[None, :]
        grey = _columns(strip, degrees, y)[..., :3].mean(axis=2)
        costs.append(np.abs(grey - grey.mean(axis=1, keepdims=True)).mean(axis=1))
    cost = np.stack(costs, axis=1) * share[rows][:, None]
    straight = int(np.flatnonzero(BOWS == 0.0)[0])
    ends = []
    for half in (cost[: len(cost) // 2], cost[len(cost) // 2 :]):
        total = half.sum(axis=0)
        best = int(total.argmin())
        ends.append(float(BOWS[best]) if total[best] < CLEAR * total[straight] else 0.0)
    t = np.clip((np.arange(len(radius)) - used[0]) / (used[-1] - used[0] + 1), 0.0, 1.0)
    slope_at = ends[0] + (ends[1] - ends[0]) * np.clip(2.0 * t - 0.5, 0.0, 1.0)
    return np.asarray(slope_at * radius, dtype=np.float32)


def _smooth(values: Float, sigma: float) -> Float:
    soft = cv2.GaussianBlur(
        values[:, None], (1, 0), sigmaX=0.1, sigmaY=sigma, borderType=cv2.BORDER_REPLICATE
    )
    return np.asarray(soft, dtype=np.float32).ravel()
