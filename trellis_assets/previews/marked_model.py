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
from ._layout import PANEL
from ._spots import FAULT, OPEN, SMALL, laid_over, lines, ringed, spots
from ._textures import SRGB_TO_LINEAR
from .render import Picture, Scene
from .views import ALL_AROUND, View

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

SAMPLES = 768  # marked places that decide on the direction
MOST_LINES = 60_000  # edges that are drawn
_HIDDEN = 0.2  # of what the best direction could show; below it, the model becomes transparent
_APART = np.cos(np.deg2rad(60.0))  # between two directions that show different things
_LIFT = np.float32(3e-4)  # of a ray's start off the surface, in normalised units
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


@dataclass(frozen=True, eq=False)
class _Places:
    """Samples of what is marked, in the space of the renderer."""

    points: Float32  # (N, 3)
    normals: Float32  # (N, 3) unit; zero for a line
    weights: Float32  # (N,)


@dataclass(frozen=True, eq=False)
class _Sight:
    """How well the twelve directions show the marked places."""

    seen: Float32  # (12, N) share of each place's weight
    through: Float32  # (12, N) the same if nothing were in the way

    def best(self) -> tuple[int, bool]:
        """The direction, and whether one has to look through the surface."""
        seen, through = self.seen.sum(axis=1), self.through.sum(axis=1)
        hidden = bool((seen * _FAVOUR).max() < _HIDDEN * through.max())
        return int(np.argmax((through if hidden else seen) * _FAVOUR)), hidden

    def other_than(self, first: int, *, hidden: bool) -> int:
        """The direction that shows most of what the first one does not, from another side."""
        values = self.through if hidden else self.seen
        news = np.maximum(values - values[first], 0).sum(axis=1) + 0.05 * values.sum(axis=1)
        apart = _TOWARD @ _TOWARD[first] < _APART
        return int(np.argmax(np.where(apart, (news + 1e-9) * _FAVOUR, 0)))


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
        places = self._places(marked, segments)
        sight = self._sight(places)
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

    def _places(self, marked: Int64, segments: Float32) -> _Places:
        surface = self.scene.surface
        chosen = _few(marked, SAMPLES)
        corners = surface.corners[chosen]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.linalg.norm(across, axis=1)
        normals = across / np.maximum(area, np.float32(1e-20))[:, None]
        middles = segments[_few(np.arange(len(segments)), SAMPLES)].mean(axis=1)
        return _Places(
            np.concatenate([corners.mean(axis=1), middles]).astype(np.float32),
            np.concatenate([normals, np.zeros_like(middles)]).astype(np.float32),
            np.concatenate([_shares(area), _shares(np.ones(len(middles)))]),
        )

    def _sight(self, places: _Places) -> _Sight:
        facing = np.abs(_TOWARD @ places.normals.T)
        facing[:, ~places.normals.any(axis=1)] = 1.0
        through = (facing * places.weights).astype(np.float32)
        free = np.stack([self._free(places, np.tile(way, (len(places.points), 1)))
                         for way in _TOWARD])  # fmt: skip
        return _Sight(through * free, through)

    def _free(self, places: _Places, toward: Float32) -> Bool:
        """(N,) whether nothing stands between the places and who looks along -toward."""
        side = np.sign(np.einsum("ij,ij->i", places.normals, toward))[:, None]
        origins = places.points + (side * places.normals + toward) * _LIFT
        blocked = self.scene.surface.embree.run(
            np.ascontiguousarray(origins, np.float32),
            np.ascontiguousarray(toward, np.float32),
            np.full(len(origins), 16.0, np.float32),
            query="OCCLUDED",
        )
        return np.asarray(blocked < 0)

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
        slivers = _slivers(surface.corners[_few(marked, MOST_LINES // 3)], camera, size)
        segments = segments[_few(np.arange(len(segments)), MOST_LINES)]
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
        weights = np.ones(len(middles), np.float32)
        return self._free(_Places(middles, lines_have_none, weights), toward)

    def _close(
        self,
        places: _Places,
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


def _few(numbers: Int64, most: int) -> Int64:
    """At most so many of them, spread evenly."""
    return numbers[:: -(-len(numbers) // most)] if len(numbers) > most else numbers


def _shares(sizes: NDArray[np.floating]) -> Float32:
    """Weights that come to 1; those without size count a little."""
    if not len(sizes):
        return np.zeros(0, np.float32)
    padded = sizes + max(float(sizes.mean()) * 1e-3, 1e-20)
    return np.asarray(padded / padded.sum(), np.float32)


def _toward(view: View) -> Float32:
    turn, lift = np.deg2rad(view.azimuth), np.deg2rad(view.elevation)
    return np.array(
        [np.sin(turn) * np.cos(lift), np.sin(lift), np.cos(turn) * np.cos(lift)], np.float32
    )


def _length(metres: float) -> str:
    for unit, scale in (("m", 1.0), ("cm", 100.0)):
        if metres * scale >= 1.0:
            return f"{metres * scale:.3g} {unit}"
    return f"{metres * 1000:.2g} mm"


_SIDES = (
    "front", "front right", "right", "back right", "back", "back left", "left", "front left",
)  # fmt: skip
_TOWARD = np.stack([_toward(view) for view in ALL_AROUND])  # (12, 3) from the model to the eye
# People know a model from its front and a little above: those win unless another side shows more.
_FAVOUR = np.array(
    [1.0 + 0.15 * (way[1] >= 0) + 0.1 * max(float(way[2]), 0.0) for way in _TOWARD], np.float32
)
