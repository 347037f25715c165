"""Pictures of a model: a ray caster on the CPU that needs no graphics library.

Embree finds what each pixel sees, numpy shades it. The same model and settings give the same
picture, on a build machine as on a laptop.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Material, Model

from . import _shade
from ._camera import Ball, Camera, Framing
from ._canvas import RGBA, Picture, accumulated, finished, softened
from ._fragments import appearance_of
from ._sampling import Samples, View, sampled
from ._surface import Surface
from ._textures import interpolated
from ._visibility import (
    PATTERN,
    ambient_visibility,
    ground_shadow,
    key_visibility,
    smoothed,
)

Float32 = NDArray[np.float32]
Mode = Literal["shaded", "shaded_wire", "clay", "normals", "uv", "wire", "base_color"]

PORTRAIT = 256
"""Pixels on a side of a single view that stands for the model in tiles."""

SHADOW_STRENGTH = 0.49
"""Below one half, so that a silhouette taken at half alpha never counts the shadow."""
LIT_MODES = ("shaded", "shaded_wire", "clay", "wire")


def render(
    model: Model,
    *,
    size: int = 512,
    azimuth: float = 30.0,
    elevation: float = 15.0,
    mode: Mode = "shaded",
    background: RGBA | None = None,
    bounds: Framing | Ball | NDArray[np.floating] | None = None,
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


class Scene:
    """A model ready to be looked at: textures decoded, one acceleration structure for all views.

    Raises UnrenderableModel (no triangles, vertices that are not finite) or UndecodableTexture.
    """

    def __init__(self, model: Model) -> None:
        self.framing = Framing.of_model(model)
        self.surface = Surface(model)
        self._shadow: tuple[Float32, Float32] | None = None

    def painted(self, number: NDArray[np.int32], materials: Sequence[Material]) -> Scene:
        """The same triangles in other materials: (T,) which of ``materials`` each one has.

        Nothing is built or decoded anew; textures of the materials are not shown.
        """
        other = copy(self)
        other.surface = self.surface.painted(number, materials)
        return other

    def render(
        self,
        *,
        size: int = 512,
        azimuth: float = 30.0,
        elevation: float = 15.0,
        mode: Mode = "shaded",
        background: RGBA | None = None,
        bounds: Framing | Ball | NDArray[np.floating] | None = None,
        supersample: int = 2,
        shadow: bool = True,
        occlusion: bool = True,
    ) -> Picture:
        """A square picture, (size, size, 4) uint8 sRGB with straight alpha.

        Args:
            azimuth: degrees around the model; 0 sees its front (+Z), 90 its +X side.
            elevation: degrees above the horizon.
            mode: ``shaded``, ``shaded_wire`` (with edges), ``clay`` (geometry alone), ``normals``
                (world space, with the normal map), ``uv`` (checkerboard), ``wire`` (clay with
                edges), ``base_color`` (unlit).
            background: what to put behind it, 0..255; None keeps it transparent.
            bounds: None fills the picture with this view of the model. A Framing, a Ball, or
                (2, 3) corners in metres, keeps one scale over several views or rungs of an asset.
            supersample: samples per pixel and axis; in the lit modes only where there are edges.
            shadow: a soft shadow on the floor, in the lit modes and from above only.
            occlusion: without it light reaches every point, whatever stands in its way or was baked
                into an occlusion map: quicker, and two models differ only where their surfaces do.
        """
        return self.render_modes(
            [mode],
            size=size,
            azimuth=azimuth,
            elevation=elevation,
            background=background,
            bounds=bounds,
            supersample=supersample,
            shadow=shadow,
            occlusion=occlusion,
        )[0]

    def render_modes(
        self,
        modes: Sequence[Mode],
        *,
        size: int = 512,
        azimuth: float = 30.0,
        elevation: float = 15.0,
        background: RGBA | None = None,
        bounds: Framing | Ball | NDArray[np.floating] | None = None,
        supersample: int = 2,
        shadow: bool = True,
        occlusion: bool = True,
    ) -> list[Picture]:
        """As :meth:`render`, one view in several modes: rays and light are found once for all."""
        if size < 1 or supersample < 1:
            raise ValueError(f"size {size} and supersample {supersample} must be at least 1")
        view = self._view(size, azimuth, elevation, bounds, supersample)
        lit = [mode for mode in modes if mode in LIT_MODES]
        samples = sampled(self.surface, view, everywhere=len(lit) < len(modes))
        light = self._light_reaching(samples, view) if lit and occlusion else None
        floor = self._floor(view) if lit and shadow and elevation > 0 else None
        pictures = []
        for mode in modes:
            colors = self._colors(samples, view, mode, light)
            canvas = accumulated(colors, samples, view)
            drawn = (view.rows, view.columns)
            if floor is not None and mode in LIT_MODES:
                canvas[3] += (1 - canvas[3]) * floor
                drawn = (slice(None), slice(None))
            pictures.append(finished(canvas, drawn, background))
        return pictures

    def _view(
        self,
        size: int,
        azimuth: float,
        elevation: float,
        bounds: Framing | Ball | NDArray[np.floating] | None,
        supersample: int,
    ) -> View:
        if bounds is None:
            framed = self.surface.points
        else:
            framing = Framing.of_bounds(bounds) if isinstance(bounds, np.ndarray) else bounds
            framed = self.surface.normalise(framing.rim())
        camera = Camera.on(framed, azimuth, elevation)
        rows, columns = _extent(camera.project(self.surface.points, size), size)
        turn = np.deg2rad(azimuth)
        to_studio = np.array(
            [[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]],
            np.float32,
        )
        return View(camera, size, supersample, rows, columns, to_studio)

    def _colors(
        self,
        samples: Samples,
        view: View,
        mode: Mode,
        light: tuple[Float32, Float32] | None,
    ) -> Float32:
        """Display-linear colour (N, 3) of every fragment."""
        fragments = samples.fragments
        if mode == "uv":
            return _shade.uv_checks(fragments)
        if mode not in LIT_MODES:
            appearance = appearance_of(self.surface, fragments)
            if mode == "normals":
                return _shade.normal_colors(appearance.normal.T)
            return appearance.base.T
        shaded = mode in ("shaded", "shaded_wire")
        appearance = appearance_of(self.surface, fragments) if shaded else _shade.clay_of(fragments)
        color = _shade.lit(appearance, fragments.view, view.to_studio, light)
        if mode in ("wire", "shaded_wire"):
            corners = view.camera.project(self.surface.corners[fragments.hits.triangle], view.size)
            line = softened(_shade.edge_lines(fragments, corners), samples, view)
            color = _shade.inked(color, line)
        return color

    def _light_reaching(self, samples: Samples, view: View) -> tuple[Float32, Float32]:
        """Visibility of dome and key light at every fragment, found once per pixel."""
        fragments = samples.fragments
        nearest = np.flatnonzero(fragments.hits.first)
        pixels, index = np.unique(samples.pixel[nearest], return_index=True)
        chosen = nearest[index]
        points, flat = fragments.position[chosen], fragments.hits.normal[chosen]
        height, width = view.shape
        row, column = np.divmod(pixels, width)
        slot = (row % PATTERN) * PATTERN + column % PATTERN
        found = np.stack(
            [
                ambient_visibility(self.surface, points, flat, slot),
                key_visibility(self.surface, points, flat, slot, view.to_studio.T),
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
        ambient, key = smooth.reshape(-1, 2)[samples.pixel].T
        return ambient, key

    def _floor(self, view: View) -> Float32:
        """How dark the floor is at every pixel, (size, size)."""
        if self._shadow is None:
            self._shadow = ground_shadow(self.surface)
        shadow, extent = self._shadow
        low, high = extent
        ground = self.surface.ground
        corners = [[x, ground, z] for x in (low[0], high[0]) for z in (low[1], high[1])]
        seen = view.camera.project(np.array(corners, np.float32), view.size)
        rows, columns = _extent(seen, view.size)
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        y, x = np.mgrid[rows, columns].reshape(2, -1).astype(np.float32) + np.float32(0.5)
        directions = view.camera.rays(x, y, view.size)
        fall = np.minimum(directions[:, 1], np.float32(-1e-4))
        reach = (np.float32(ground) - view.camera.eye[1]) / fall
        cells = [
            (view.camera.eye[axis] + directions[:, axis] * reach - low[i])
            * np.float32(len(shadow) / (high[i] - low[i]))
            - np.float32(0.5)
            for i, axis in enumerate((0, 2))
        ]
        dark = interpolated(shadow, np.stack(cells, axis=-1).reshape(*shape, 2))
        floor = np.zeros((view.size, view.size), np.float32)
        floor[rows, columns] = dark * (directions[:, 1] < 0).reshape(shape) * SHADOW_STRENGTH
        return floor


def _extent(places: Float32, size: int) -> tuple[slice, slice]:
    """Rows and columns of the pixels that places (N, 2) touch, and one around them."""
    low = np.clip(np.floor(places.min(axis=0)) - 1, 0, size - 1).astype(int)
    high = np.clip(np.ceil(places.max(axis=0)) + 1, low + 1, size).astype(int)
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))
