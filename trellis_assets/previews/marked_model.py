"""Where on a model a fault lies: the model in grey, what is at fault in a strong colour.

Seen from where most of the fault shows; through the surface if it lies inside. What is small gets
a ring, and a second picture from close by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Material, Mesh, Model, Part

from ._camera import Ball, Camera
from ._canvas import Picture
from ._layout import PANEL
from ._sight import Places, Sight, in_the_clear
from ._spots import FAULT, MOST_LINES, OPEN, SMALL, few, laid_over, lines, ringed, spots
from ._textures import SRGB_TO_LINEAR
from .render import Scene
from .views import ALL_AROUND, View

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

_CLOSEST = 0.01  # of the model's half extent: radius of the closest look
_FAINT = 0.3  # strength of a line behind the surface
_SLIVER = 4.0  # pixels; a triangle narrower than this is outlined, so that it is not missed
_FEW = 20  # triangles that are all outlined
_MANY, _VERY_MANY = 200, 4000  # lines; more are drawn thinner

_FAULT_LIGHT = tuple(float(SRGB_TO_LINEAR[code]) for code in FAULT)
_GREY = Material(
    "grey",
    base_color_factor=(0.36, 0.37, 0.39, 1.0),
    metallic_factor=0.0,
    roughness_factor=0.7,
    double_sided=True,
)
_GLASS = Material(
    "glass",
    base_color_factor=(0.55, 0.58, 0.64, 0.12),
    metallic_factor=0.0,
    roughness_factor=0.7,
    alpha_mode="BLEND",
    double_sided=True,
)
_FAULTY = Material(
    "at fault",
    base_color_factor=(*(0.55 * code for code in _FAULT_LIGHT), 1.0),  # type: ignore[arg-type]
    metallic_factor=0.0,
    roughness_factor=1.0,
    emissive_factor=(0.3 * _FAULT_LIGHT[0], 0.3 * _FAULT_LIGHT[1], 0.3 * _FAULT_LIGHT[2]),
    double_sided=True,
)


@dataclass(frozen=True, eq=False)
class Panel:
    """A picture of a sheet and the words below it."""

    title: str
    picture: Picture


class MarkedModel:
    """A surface without textures; one acceleration structure for all its pictures.

    Raises UnrenderableModel for no triangles, or vertices that are not finite.
    """

    def __init__(self, points: Float32, faces: NDArray[np.integer]) -> None:
        """(V, 3) metres and (T, 3)."""
        bare = Part(Mesh(np.asarray(points, np.float32), faces.astype(np.uint32)), _GREY)
        self.scene = Scene(Model((bare,)))

    def panels(
        self, marked: Int64, edges: NDArray[np.floating] | None = None, *, size: int, most: int = 2
    ) -> list[Panel]:
        """The marked triangles from the best side, then from close by or from another side.

        Args:
            marked: numbers of triangles.
            edges: (E, 2, 3) ends in metres of the edges that are at fault.
            size: of each picture, pixels.
            most: 1 leaves the second one out.
        """
        segments = np.zeros((0, 2, 3), np.float32)
        if edges is not None:
            segments = self.scene.surface.normalise(edges)
        places = Places.of(self.scene.surface, marked, segments)
        sight = Sight.of(self.scene.surface, places)
        first, hidden = sight.best()
        view = ALL_AROUND[first]
        scene = self._painted(marked, hidden=hidden)
        picture, mask, camera = self._drawn(scene, view, marked, segments, size, hidden=hidden)
        if not mask.any() and not hidden:  # flush with the surface: what is in front hides it
            hidden, scene = True, self._painted(marked, hidden=True)
            picture, mask, camera = self._drawn(scene, view, marked, segments, size, hidden=True)
        found = spots(mask)
        glass = ", seen through the surface" if hidden else ""
        panels = [Panel(f"{_side(view)}{glass}", ringed(picture, found))]
        if most < 2:
            return panels
        if found and found[0].extent < 2 * SMALL * size:
            ball = self._close(places, camera, found[0].middle, found[0].extent, size)
            near = self._drawn(scene, view, marked, segments, size, ball=ball, hidden=hidden)[0]
            return [*panels, Panel(f"close by, {_length(2 * ball.radius)} across", near)]
        second = ALL_AROUND[sight.other_than(first, hidden=hidden)]
        picture, mask, _ = self._drawn(scene, second, marked, segments, size, hidden=hidden)
        return [*panels, Panel(f"{_side(second)}{glass}", ringed(picture, spots(mask)))]

    def _painted(self, marked: Int64, *, hidden: bool) -> Scene:
        number = np.zeros(len(self.scene.surface.triangles), np.int32)
        number[marked] = 1
        return self.scene.painted(number, [_GLASS if hidden else _GREY, _FAULTY])

    def _drawn(
        self,
        scene: Scene,
        view: View,
        marked: Int64,
        segments: Float32,
        size: int,
        *,
        hidden: bool,
        ball: Ball | None = None,
    ) -> tuple[Picture, NDArray[np.uint8], Camera]:
        """One view with the lines over it, where anything is marked in it, and its camera."""
        framing = ball or scene.framing
        picture = scene.render(
            size=size,
            azimuth=view.azimuth,
            elevation=view.elevation,
            mode="shaded_wire" if ball and not hidden else "shaded",
            bounds=framing,
            background=PANEL,
            shadow=False,
        )
        surface = scene.surface
        camera = Camera.on(surface.normalise(framing.rim()), view.azimuth, view.elevation)
        slivers = _slivers(surface.corners[few(marked, MOST_LINES // 3)], camera, size)
        segments = few(segments, MOST_LINES)
        mask = _red(picture)
        for ends, color, width in (
            (slivers, FAULT, 1 if len(slivers) > _MANY else 2),
            (segments, OPEN, 3 - (len(segments) > _MANY) - (len(segments) > _VERY_MANY)),
        ):
            clear = np.ones(len(ends), np.bool_) if hidden else self._clear(ends, camera)
            on_screen = camera.project(ends, size)
            front = lines(size, on_screen[clear], width=width)
            if color == OPEN:
                behind = lines(size, on_screen[~clear], width=1)
                picture = laid_over(picture, behind, color, strength=_FAINT)
            picture = laid_over(picture, front, color)
            mask = np.maximum(mask, front)
        return picture, mask, camera

    def _clear(self, ends: Float32, camera: Camera) -> Bool:
        """(E,) whether the camera sees the middle of each line."""
        middles = ends.mean(axis=1)
        toward = camera.eye - middles
        toward /= np.maximum(np.linalg.norm(toward, axis=1, keepdims=True), np.float32(1e-20))
        lines_have_none = np.zeros_like(middles)
        return in_the_clear(self.scene.surface, middles, lines_have_none, toward)

    def _close(
        self,
        places: Places,
        camera: Camera,
        middle: tuple[float, float],
        extent: int,
        size: int,
    ) -> Ball:
        """Around the marked place nearest to the middle of the spot; metres."""
        surface = self.scene.surface
        away = camera.project(places.points, size) - np.array(middle, np.float32)
        nearest = places.points[np.argmin((away * away).sum(axis=1))]
        distance = float(np.linalg.norm(camera.eye - nearest))
        radius = max(1.5 * extent / size * 2 * camera.tangent * distance, _CLOSEST)
        center = nearest.astype(np.float64) / surface.scale + surface.center
        return Ball((center[0], center[1], center[2]), radius / surface.scale)


def _slivers(corners: Float32, camera: Camera, size: int) -> Float32:
    """(E, 2, 3) sides of those triangles (N, 3, 3) that are narrow in the picture; of all if they
    are few, in case something else lies in the same place.
    """
    flat = camera.project(corners, size)
    (ax, ay), (bx, by) = (flat[:, 1] - flat[:, 0]).T, (flat[:, 2] - flat[:, 0]).T
    longest = np.linalg.norm(flat - np.roll(flat, -1, axis=1), axis=2).max(axis=1)
    narrow = np.abs(ax * by - ay * bx) <= _SLIVER * longest
    chosen = corners[narrow | (len(corners) <= _FEW)]
    return np.stack([chosen, np.roll(chosen, -1, axis=1)], axis=2).reshape(-1, 2, 3)


def _red(picture: Picture) -> NDArray[np.uint8]:
    """255 where a marked triangle shows."""
    red, green, blue = (picture[..., plane].astype(np.int16) for plane in range(3))
    return np.where(red > 70 + np.maximum(green, blue), 255, 0).astype(np.uint8)


def _side(view: View) -> str:
    """Where the camera stands, in words; right is the model's +X side."""
    octant = _SIDES[round(view.azimuth / 45) % 8]
    height = ", above" if view.elevation > 20 else ", below" if view.elevation < -20 else ""
    return f"from the {octant}{height}"


def _length(metres: float) -> str:
    for unit, scale in (("m", 1.0), ("cm", 100.0)):
        if metres * scale >= 1.0:
            return f"{metres * scale:.3g} {unit}"
    return f"{metres * 1000:.2g} mm"


_SIDES = (
    "front", "front right", "right", "back right", "back", "back left", "left", "front left",
)  # fmt: skip
