"""Pictures of a model: a ray caster on the CPU that needs no graphics library.

Embree finds what each pixel sees, numpy shades it. The same model and settings give the same
picture, on a build machine as on a laptop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Model

from . import _shade
from ._camera import Camera, Framing
from ._fragments import Fragments, appearance_of, fragments_of
from ._surface import Surface
from ._textures import interpolated, to_srgb
from ._trace import Hits, trace
from ._visibility import (
    PATTERN,
    ambient_visibility,
    ground_shadow,
    key_visibility,
    smoothed,
)

Float32 = NDArray[np.float32]
Picture = NDArray[np.uint8]
"""(H, W, 4) sRGB with straight alpha."""
Mode = Literal["shaded", "clay", "normals", "uv", "wire", "base_color"]
RGBA = tuple[int, int, int, int]

SHADOW_STRENGTH = 0.49
"""Below one half, so that a silhouette taken at half alpha never counts the shadow."""
LIT_MODES = ("shaded", "clay", "wire")


def render(
    model: Model,
    *,
    size: int = 512,
    azimuth: float = 30.0,
    elevation: float = 15.0,
    mode: Mode = "shaded",
    background: RGBA | None = None,
    bounds: Framing | NDArray[np.floating] | None = None,
    supersample: int = 2,
) -> Picture:
    """One picture of a model; see :meth:`Scene.render`. Use a Scene for several views."""
    return Scene(model).render(
        size=size,
        azimuth=azimuth,
        elevation=elevation,
        mode=mode,
        background=background,
        bounds=bounds,
        supersample=supersample,
    )


@dataclass(frozen=True, eq=False)
class _View:
    """The pixels of one picture that the model can touch."""

    camera: Camera
    size: int
    supersample: int
    rows: slice
    columns: slice
    directions: Float32  # (rows * columns * supersample², 3)
    to_studio: Float32  # (3, 3)

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start

    @property
    def pixel_angle(self) -> float:
        return 2 * self.camera.tangent / (self.size * self.supersample)

    def pixel_of(self, ray: NDArray[np.intp]) -> NDArray[np.intp]:
        """Index of the pixel, within rows x columns, that each ray belongs to."""
        width = self.shape[1]
        row, column = np.divmod(ray, width * self.supersample)
        pixel: NDArray[np.intp] = row // self.supersample * width + column // self.supersample
        return pixel


class Scene:
    """A model ready to be looked at: textures decoded, one acceleration structure for all views.

    Raises UnrenderableModel (no triangles, vertices that are not finite) or UndecodableTexture.
    """

    def __init__(self, model: Model) -> None:
        self.framing = Framing.of_model(model)
        self._surface = Surface(model)
        self._shadow: tuple[Float32, Float32] | None = None

    def render(
        self,
        *,
        size: int = 512,
        azimuth: float = 30.0,
        elevation: float = 15.0,
        mode: Mode = "shaded",
        background: RGBA | None = None,
        bounds: Framing | NDArray[np.floating] | None = None,
        supersample: int = 2,
        shadow: bool = True,
    ) -> Picture:
        """A square picture, (size, size, 4) uint8 sRGB with straight alpha.

        Args:
            azimuth: degrees around the model; 0 sees its front (+Z), 90 its +X side.
            elevation: degrees above the horizon.
            mode: ``shaded``, ``clay`` (geometry alone), ``normals`` (world space, with the normal
                map), ``uv`` (checkerboard), ``wire`` (clay with edges), ``base_color`` (unlit).
            background: what to put behind it, 0..255; None keeps it transparent.
            bounds: None fills the picture with this view of the model. A Framing, or (2, 3)
                corners in metres, keeps one scale over several views or rungs of a game asset.
            supersample: samples per pixel and axis.
            shadow: a soft shadow on the floor, in the lit modes and from above only.
        """
        if size < 1 or supersample < 1:
            raise ValueError(f"size {size} and supersample {supersample} must be at least 1")
        view = self._view(size, azimuth, elevation, bounds, supersample)
        hits = trace(self._surface, view.camera.eye, view.directions, view.pixel_angle)
        fragments = fragments_of(self._surface, hits, view.directions, view.pixel_angle)
        colors = self._colors(fragments, view, mode)
        canvas = _accumulated(colors, hits, view)
        if shadow and mode in LIT_MODES and elevation > 0:
            canvas = self._on_the_floor(canvas, view)
        return _finished(canvas, background)

    def _view(
        self,
        size: int,
        azimuth: float,
        elevation: float,
        bounds: Framing | NDArray[np.floating] | None,
        supersample: int,
    ) -> _View:
        if bounds is None:
            framed = self._surface.points
        else:
            framing = bounds if isinstance(bounds, Framing) else Framing.of_bounds(bounds)
            framed = self._surface.normalise(framing.rim())
        camera = Camera.on(framed, azimuth, elevation)
        seen = camera.project(self._surface.points, size)
        low = np.clip(np.floor(seen.min(axis=0)) - 1, 0, size - 1).astype(int)
        high = np.clip(np.ceil(seen.max(axis=0)) + 1, low + 1, size).astype(int)
        rows, columns = slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))
        directions = camera.rays(
            np.arange(columns.start * supersample, columns.stop * supersample),
            np.arange(rows.start * supersample, rows.stop * supersample),
            size * supersample,
        )
        turn = np.deg2rad(azimuth)
        to_studio = np.array(
            [[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]],
            np.float32,
        )
        return _View(camera, size, supersample, rows, columns, directions, to_studio)

    def _colors(self, fragments: Fragments, view: _View, mode: Mode) -> Float32:
        """Display-linear colour (N, 3) of every fragment."""
        if mode == "uv":
            return _shade.uv_checks(fragments)
        if mode in ("normals", "base_color"):
            appearance = appearance_of(self._surface, fragments)
            if mode == "normals":
                return _shade.normal_colors(appearance.normal)
            return appearance.base
        ambient, key = self._light_reaching(fragments, view)
        shaded = mode == "shaded"
        appearance = (
            appearance_of(self._surface, fragments) if shaded else _shade.clay_of(fragments)
        )
        color = _shade.lit(appearance, fragments.view, view.to_studio, ambient, key)
        if mode == "wire":
            corners = view.camera.project(self._surface.corners[fragments.hits.triangle], view.size)
            color = _shade.with_edges(color, fragments, corners)
        return color

    def _light_reaching(self, fragments: Fragments, view: _View) -> tuple[Float32, Float32]:
        """Visibility of dome and key light at every fragment, found once per pixel."""
        hits = fragments.hits
        pixel = view.pixel_of(hits.ray)
        nearest = np.flatnonzero(hits.first)
        pixels, index = np.unique(pixel[nearest], return_index=True)
        chosen = nearest[index]
        points, flat = fragments.position[chosen], fragments.flat_normal[chosen]
        height, width = view.shape
        row, column = np.divmod(pixels, width)
        slot = (row % PATTERN) * PATTERN + column % PATTERN
        found = np.stack(
            [
                ambient_visibility(self._surface, points, flat, slot),
                key_visibility(self._surface, points, flat, slot, view.to_studio.T),
            ],
            axis=1,
        )
        grids = []
        for columns in (found, points, fragments.normal[chosen]):
            grid = np.zeros((height * width, columns.shape[1]), np.float32)
            grid[pixels] = columns
            grids.append(grid.reshape(height, width, -1))
        covered = np.zeros(height * width, np.bool_)
        covered[pixels] = True
        values, places, facing = grids
        smooth = smoothed(values, places, facing, covered.reshape(height, width), 16.0 / view.size)
        ambient, key = smooth.reshape(-1, 2)[pixel].T
        return ambient, key

    def _on_the_floor(self, canvas: Float32, view: _View) -> Float32:
        """Lay the model's picture over its soft shadow."""
        if self._shadow is None:
            self._shadow = ground_shadow(self._surface)
        shadow, extent = self._shadow
        every = np.arange(view.size)
        directions = view.camera.rays(every, every, view.size)
        fall = np.minimum(directions[:, 1], -1e-4)
        reach = (self._surface.ground - view.camera.eye[1]) / fall
        spot = view.camera.eye[[0, 2]] + directions[:, [0, 2]] * reach[:, None]
        cells = (spot - extent[0]) / (extent[1] - extent[0]) * len(shadow) - 0.5
        grid = cells.astype(np.float32).reshape(view.size, view.size, 2)
        dark = interpolated(shadow, grid)
        below = directions[:, 1].reshape(dark.shape) < 0
        canvas[..., 3] += (1 - canvas[..., 3]) * dark * below * np.float32(SHADOW_STRENGTH)
        return canvas


def _accumulated(colors: Float32, hits: Hits, view: _View) -> Float32:
    """Average the samples: (size, size, 4) float32, premultiplied display-linear."""
    height, width = view.shape
    pixel = view.pixel_of(hits.ray)
    share = hits.weight / np.float32(view.supersample**2)
    values = (*np.clip(colors, 0, 1).T * share, share)
    canvas = np.zeros((view.size, view.size, 4), np.float32)
    for channel, value in enumerate(values):
        total = np.bincount(pixel, value, minlength=height * width)
        canvas[view.rows, view.columns, channel] = total.reshape(height, width)
    return canvas


def _finished(canvas: Float32, background: RGBA | None) -> Picture:
    """Straight alpha sRGB bytes, over `background` if there is one."""
    alpha = np.clip(canvas[..., 3:], 0, 1)
    straight = canvas[..., :3] / np.maximum(alpha, np.float32(1e-6))
    color = to_srgb(straight.astype(np.float32, copy=False))
    if background is not None:
        behind = np.array(background, np.float32) / np.float32(255)
        total = alpha + behind[3] * (1 - alpha)
        mixed = color * alpha + behind[:3] * behind[3] * (1 - alpha)
        color, alpha = mixed / np.maximum(total, 1e-6), total
    return np.asarray(np.rint(np.concatenate([color, alpha], axis=2) * 255), np.uint8)
