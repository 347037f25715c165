"""Real-world size, pivot and orientation."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh, Model, MorphTarget

from ._errors import EmptyModel, GeometryError
from .pose import at_rest
from .shading import with_unit_normals
from .topology import unit

Pivot = Literal["bottom_center", "center", "top_center", "back_center", "origin"]
Axis = Literal["+x", "-x", "+y", "-y", "+z", "-z"]

_PIVOTS: dict[str, tuple[float, float, float]] = {
    # Where the origin lies in the bounding box, 0 at its lower and 1 at its upper side.
    "bottom_center": (0.5, 0.0, 0.5),
    "center": (0.5, 0.5, 0.5),
    "top_center": (0.5, 1.0, 0.5),
    "back_center": (0.5, 0.5, 0.0),
}


class InvalidPlacement(GeometryError):
    """Axes, pivot or height that no model can be placed by."""


def place(
    model: Model,
    *,
    height_m: float | None,
    pivot: Pivot = "bottom_center",
    up: Axis = "+y",
    forward: Axis = "+z",
) -> Model:
    """Turn, scale and shift a model so that engines need no further correction.

    What moves it goes along: in every pose the result is the placed pose of the original.

    Args:
        model: any model with triangles.
        height_m: extent along +Y of the result at rest, metres; None keeps the scale.
        pivot: the point of the bounding box that comes to the origin; ``origin`` leaves it.
        up: the model's axis that becomes +Y.
        forward: the model's axis that becomes +Z, the front in glTF.

    Raises:
        InvalidPlacement: height not positive, axes parallel, unknown pivot.
        EmptyModel: no vertices, or no extent to scale by.
    """
    if height_m is not None and not (math.isfinite(height_m) and 0.0 < height_m <= 1.0e5):
        raise InvalidPlacement(
            f"height_m is {height_m}; it must be above 0 and at most 100000 metres",
            fix="give the height of the real object in metres",
        )
    if pivot not in get_args(Pivot):
        raise InvalidPlacement(
            f"unknown pivot {pivot!r}", fix=f"use one of {', '.join(get_args(Pivot))}"
        )
    turn = _rotation(up, forward)
    if model.vertex_count == 0:
        raise EmptyModel("the model has no vertices", fix="generate the model again")
    turned = replace(
        model,
        parts=tuple(replace(part, mesh=_turned(part.mesh, turn)) for part in model.parts),
    )
    corners = at_rest(model).bounds().astype(np.float64) @ turn.T
    lower, upper = corners.min(axis=0), corners.max(axis=0)
    scale = 1.0
    if height_m is not None:
        if upper[1] - lower[1] <= 0.0:
            raise EmptyModel(
                f"the model is flat along {up}, so that it cannot be scaled to {height_m} m",
                fix="name another up axis, or leave out the height",
            )
        scale = height_m / float(upper[1] - lower[1])
    origin = np.zeros(3)
    if pivot != "origin":
        origin = lower + (upper - lower) * np.asarray(_PIVOTS[pivot])
    parts = tuple(replace(part, mesh=_moved(part.mesh, origin, scale)) for part in turned.parts)
    if model.rig is None:
        return replace(turned, parts=parts)
    return replace(turned, parts=parts, rig=model.rig.moved(_matrix(turn, origin, scale)))


def _rotation(up: str, forward: str) -> NDArray[np.float64]:
    """(3, 3) rows are where +X, +Y and +Z of the result come from."""
    for axis in (up, forward):
        if axis not in get_args(Axis):
            raise InvalidPlacement(
                f"unknown axis {axis!r}", fix=f"use one of {', '.join(get_args(Axis))}"
            )
    if up[1] == forward[1]:
        raise InvalidPlacement(
            f"up {up} and forward {forward} lie on one line", fix="name two different axes"
        )
    y, z = _vector(up), _vector(forward)
    return np.stack([np.cross(y, z), y, z])


def _matrix(
    turn: NDArray[np.float64], origin: NDArray[np.float64], scale: float
) -> NDArray[np.float64]:
    """(4, 4) of all that is done to positions."""
    matrix = np.eye(4)
    matrix[:3, :3] = scale * turn
    matrix[:3, 3] = -scale * origin
    return matrix


def _vector(axis: str) -> NDArray[np.float64]:
    vector = np.zeros(3)
    vector["xyz".index(axis[1])] = 1.0 if axis[0] == "+" else -1.0
    return vector


def _turned(mesh: Mesh, turn: NDArray[np.float64]) -> Mesh:
    normals, tangents = mesh.normals, mesh.tangents
    if normals is not None:
        normals = (normals.astype(np.float64) @ turn.T).astype(np.float32)
    if tangents is not None:
        direction = unit(tangents[:, :3].astype(np.float64) @ turn.T)
        tangents = np.column_stack([direction, tangents[:, 3]]).astype(np.float32)
    turned = replace(
        mesh,
        positions=(mesh.positions.astype(np.float64) @ turn.T).astype(np.float32),
        normals=normals,
        tangents=tangents,
        targets=tuple(_turned_target(target, turn) for target in mesh.targets),
    )
    return with_unit_normals(turned)


def _moved(mesh: Mesh, origin: NDArray[np.float64], scale: float) -> Mesh:
    positions = ((mesh.positions.astype(np.float64) - origin) * scale).astype(np.float32)
    targets = tuple(
        replace(target, positions=(target.positions.astype(np.float64) * scale).astype(np.float32))
        for target in mesh.targets
    )
    return replace(mesh, positions=positions, targets=targets)


def _turned_target(target: MorphTarget, turn: NDArray[np.float64]) -> MorphTarget:
    def turned(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return (values.astype(np.float64) @ turn.T).astype(np.float32)

    return MorphTarget(
        turned(target.positions),
        None if target.normals is None else turned(target.normals),
        None if target.tangents is None else turned(target.tangents),
    )
