"""What bends the vertices of one primitive: weights of joints, and morph targets.

glTF 2.0, sections 3.7.2.2 and 3.7.3.3. Both may be large for what they cost in a file (sparse
accessors, one accessor used often), so that counts are checked before anything is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._accessor import read_accessor
from ._container import Glb
from ._errors import MalformedGlb, UnsupportedGlb
from ._json import EXPORT_AGAIN, element, objects_at, whole_number
from ._model import MorphTarget
from ._nodes import Place

TARGET_ATTRIBUTES = ("POSITION", "NORMAL", "TANGENT")
_MOST_DELTAS = 50_000_000
_MOST_SETS = 8  # of four joints each; engines take one or two
_SUM_ERROR = 2e-7  # of the weights of a vertex, for each that is not 0, as the validator counts


@dataclass(frozen=True)
class Shape:
    """The morph targets that all primitives of a mesh node have."""

    number: int
    count: int
    weights: tuple[float, ...]
    names: tuple[str, ...]


def read_shapes(document: dict[str, Any], places: Sequence[Place]) -> dict[int, Shape]:
    """The morph targets of nodes that have any, by index of the node in the document.

    Weights of the node win over those of its mesh. Names are those of ``extras.targetNames``, which
    all tools write, if there is one for each target.

    Raises:
        MalformedGlb: primitives differ in their number of targets, or weights are not as many.
    """
    shapes: dict[int, Shape] = {}
    known: dict[int, Shape] = {}  # by mesh, which thousands of nodes may have
    for place in places:
        if "mesh" not in place.node:
            continue
        index = whole_number(place.node, "mesh")
        if index not in known:
            known[index] = _shape(element(document, "meshes", index))
        shape = known[index]
        if shape.count and "weights" in place.node:
            shape = replace(shape, weights=_weights(place.node["weights"], shape.count))
        if shape.count:
            shapes[place.index] = replace(shape, number=len(shapes))
    return shapes


def _shape(mesh: dict[str, Any]) -> Shape:
    count = _target_count(mesh)
    weights = _weights(mesh.get("weights", []), count) if count else ()
    return Shape(0, count, weights, _target_names(mesh, count))


def _target_count(mesh: dict[str, Any]) -> int:
    counts = {len(objects_at(each, "targets")) for each in objects_at(mesh, "primitives")}
    if len(counts) > 1:
        raise MalformedGlb(
            f"primitives of one mesh have {' and '.join(map(str, sorted(counts)))} morph targets",
            fix=EXPORT_AGAIN,
        )
    return max(counts, default=0)


def _weights(weights: Any, count: int) -> tuple[float, ...]:
    try:
        values = np.array(weights, np.float64)
    except (TypeError, ValueError) as error:
        raise MalformedGlb("weights of a mesh are no numbers", fix=EXPORT_AGAIN) from error
    if values.shape not in {(0,), (count,)} or not np.isfinite(values).all():
        raise MalformedGlb(
            f"weights of a mesh are not {count} finite numbers, one for each morph target",
            fix=EXPORT_AGAIN,
        )
    return tuple(values.tolist())


def _target_names(mesh: dict[str, Any], count: int) -> tuple[str, ...]:
    """One name for each target, or none at all."""
    extras = mesh.get("extras")
    names = extras.get("targetNames") if isinstance(extras, dict) else None
    fit = isinstance(names, list) and len(names) == count and all(isinstance(n, str) for n in names)
    return tuple(names) if isinstance(names, list) and fit else ()


def read_targets(
    glb: Glb, primitive: dict[str, Any], vertices: int, base: frozenset[str]
) -> tuple[MorphTarget, ...]:
    """The morph targets of a primitive; of attributes that it has itself (``base``).

    Raises:
        MalformedGlb: a target with another number of vertices, or one that is not finite.
        UnsupportedGlb: too many to hold.
    """
    if vertices * len(objects_at(primitive, "targets")) > _MOST_DELTAS:
        raise UnsupportedGlb(
            f"a mesh has morph targets of more than {_MOST_DELTAS:,} vertices in all",
            fix="reduce the mesh, or export fewer shape keys",
        )
    return tuple(
        _read_target(glb, target, vertices, base) for target in objects_at(primitive, "targets")
    )


def _read_target(
    glb: Glb, target: dict[str, Any], vertices: int, base: frozenset[str]
) -> MorphTarget:
    deltas = {
        name: _of_vertices(glb, target[name], vertices, 3, f"a morph target's {name}")
        for name in TARGET_ATTRIBUTES
        if name in target and name in base
    }
    positions = deltas.get("POSITION")
    return MorphTarget(
        np.zeros((vertices, 3), np.float32) if positions is None else positions,
        deltas.get("NORMAL"),
        deltas.get("TANGENT"),
    )


def _of_vertices(glb: Glb, index: Any, vertices: int, width: int, what: str) -> NDArray[np.float32]:
    values = _checked(glb, index, vertices, width, what).astype(np.float32)
    if not np.isfinite(values).all():
        raise MalformedGlb(f"{what} has a value that is not a finite number", fix=EXPORT_AGAIN)
    return values


def _checked(glb: Glb, index: Any, vertices: int, width: int, what: str) -> NDArray[Any]:
    count = whole_number(element(glb.json, "accessors", index), "count")
    if count != vertices:
        raise MalformedGlb(f"{what} has {count} elements for {vertices} vertices", fix=EXPORT_AGAIN)
    return read_accessor(glb, index, width=width)


def joint_sets(attributes: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The names of the pairs of attributes that say which joints a vertex follows.

    Raises:
        MalformedGlb: joints without weights.
        UnsupportedGlb: more than 32 joints for a vertex.
    """
    number = 0
    while (joints := f"JOINTS_{number}") in attributes:
        if (weights := f"WEIGHTS_{number}") not in attributes:
            raise MalformedGlb(f"a primitive has {joints} without {weights}", fix=EXPORT_AGAIN)
        if number >= _MOST_SETS:
            raise UnsupportedGlb(
                f"a vertex follows more than {4 * _MOST_SETS} joints",
                fix="export with four or eight influences for each vertex",
            )
        yield joints, weights
        number += 1


def read_influences(
    glb: Glb, attributes: dict[str, Any], vertices: int
) -> tuple[NDArray[np.uint16], NDArray[np.float32]] | None:
    """Joints and weights of each vertex, all sets side by side; None without any."""
    joints: list[NDArray[Any]] = []
    weights: list[NDArray[Any]] = []
    for joint_name, weight_name in joint_sets(attributes):
        joints.append(_checked(glb, attributes[joint_name], vertices, 4, joint_name))
        weights.append(_checked(glb, attributes[weight_name], vertices, 4, weight_name))
        if joints[-1].dtype.kind != "u" or joints[-1].dtype.itemsize > 2:
            raise MalformedGlb(f"{joint_name} is not of 8 or 16 bits", fix=EXPORT_AGAIN)
        if weights[-1].dtype.kind != "f":
            raise MalformedGlb(f"{weight_name} is not normalized", fix=EXPORT_AGAIN)
    if not joints:
        return None
    return np.concatenate(joints, axis=1).astype(np.uint16), np.concatenate(weights, axis=1)


def settled(
    joints: NDArray[np.uint16], weights: NDArray[np.float32], joint_count: int
) -> tuple[NDArray[np.uint16], NDArray[np.float32]]:
    """Joints and weights of vertices as readers take them; those of a valid file come back as is.

    A joint without weight is joint 0. Weights that do not sum up to 1 are divided by their sum; a
    vertex without any weight follows its first joint (three.js and other readers do the same).

    Raises:
        MalformedGlb: a joint that the skin does not have, or a weight below 0 or not finite.
    """
    if not np.isfinite(weights).all() or (len(weights) and float(weights.min()) < 0):
        raise MalformedGlb("WEIGHTS have a negative number, or none at all", fix=EXPORT_AGAIN)
    sums = weights.sum(axis=1, dtype=np.float64)
    used = weights > 0
    off = np.abs(sums - 1) > _SUM_ERROR * np.maximum(used.sum(axis=1), 1)
    if off.any():
        weights = weights.copy()
        lost = sums < 1e-30
        weights[off] = weights[off] / np.where(lost, 1, sums)[off, None]
        weights[lost] = np.eye(1, weights.shape[1], dtype=np.float32)
        used = weights > 0
    joints = np.where(used, joints, 0).astype(np.uint16)
    if len(joints) and int(joints.max()) >= joint_count:
        raise MalformedGlb(
            f"a vertex follows joint {int(joints.max())} of a skin with {joint_count}",
            fix=EXPORT_AGAIN,
        )
    return joints, weights.astype(np.float32)
