"""What moves the meshes of a GLB: which nodes are kept, its skins, and where each mesh hangs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._accessor import read_accessor
from ._container import Glb
from ._errors import MalformedGlb, UnsupportedGlb
from ._json import EXPORT_AGAIN, element, indices_at, objects_at, whole_number
from ._nodes import FARTHEST, Matrix, Place, finite_numbers, unit_quaternion
from ._read_bends import Shape, read_shapes
from ._read_clips import Aim, aims, read_clips
from ._rig import Rig, RigNode, Skin
from ._transform import inverse_of

_MOST_JOINTS = 65_536  # what JOINTS of 16 bits reach
_TRANSFORM = {"translation": 3, "rotation": 4, "scale": 3, "matrix": 16}
_AT_REST = 1e-5
"""Of a metre or of a unit of direction: a bind pose nearer to the rest pose is the rest pose."""


@dataclass(frozen=True, eq=False)
class Hold:
    """How the primitives of a mesh node come into the model."""

    matrix: Matrix  # (4, 4) from their own space into the model's
    node: int = -1
    skin: int = -1
    shape: Shape | None = None


@dataclass(frozen=True, eq=False)
class Motion:
    """All that moves in a GLB."""

    rig: Rig | None
    shapes: Mapping[int, Shape]  # by index of the node in the document
    skins: Mapping[int, tuple[int, Matrix]] = field(default_factory=dict)
    """By index in the document: number in the rig, and from a bound mesh into the model."""
    numbers: Mapping[int, int] = field(default_factory=dict)
    """Places of the kept nodes in the rig, by index in the document."""
    worlds: Mapping[int, Matrix] = field(default_factory=dict)
    """(4, 4) of all nodes at rest, by index in the document."""

    def joint_count(self, skin: int) -> int:
        """Of a skin of the rig; 0 for none."""
        return len(self.rig.skins[skin].joints) if self.rig is not None and skin >= 0 else 0

    def hold(self, place: Place) -> Hold:
        """Where the mesh of a node hangs.

        Raises:
            UnsupportedGlb: on a node that is flat at rest.
        """
        shape = self.shapes.get(place.index)
        if "skin" in place.node:
            number, bound = self.skins[whole_number(place.node, "skin")]
            return Hold(bound, skin=number, shape=shape)
        carrier = place.index if place.index in self.numbers else place.parent
        if carrier not in self.numbers:
            return Hold(place.world, shape=shape)
        if inverse_of(self.worlds[carrier]) is None:
            raise UnsupportedGlb(
                f"nodes[{carrier}] carries a mesh and has no size at rest",
                fix="export it with a rest pose in which every mesh is to be seen",
            )
        return Hold(place.world, self.numbers[carrier], shape=shape)


def read_motion(glb: Glb, places: Sequence[Place]) -> Motion:
    """What moves the nodes of the default scene; a rig only if a skin or an animation does.

    Kept are all nodes but those that do nothing except carry a mesh: the parts made of it hang on
    the node above. A model that is written and read again so has the nodes that it had.

    Raises:
        MalformedGlb: a skin or an animation that breaks the specification.
        UnsupportedGlb: more joints or keys than anything needs.
    """
    document = glb.json
    shapes = read_shapes(document, places)
    if not moves_nodes(document, places, shapes):
        return Motion(None, shapes)
    shown = {place.index: place for place in places}
    used = used_skins(places)
    targets = _targets(document, places, shapes)
    moved = {aim.node for aim in targets if aim.path != "weights"}
    joints = {
        joint for skin in used for joint in indices_at(element(document, "skins", skin), "joints")
    }
    kept = [place for place in places if not _only_carries(place, moved | joints)]
    numbers = {place.index: number for number, place in enumerate(kept)}
    _refuse_moved_matrices(kept, moved)
    skins = {index: _read_skin(glb, index, shown, numbers) for index in used}
    rig = Rig(
        nodes=tuple(_rig_node(place, numbers) for place in kept),
        skins=tuple(skin for skin, _ in skins.values()),
        clips=read_clips(glb, shown, numbers, shapes),
    )
    bound = {index: (number, skins[index][1]) for number, index in enumerate(used)}
    return Motion(rig, shapes, bound, numbers, {place.index: place.world for place in places})


def moves_nodes(
    document: dict[str, Any], places: Sequence[Place], shapes: Mapping[int, Shape]
) -> bool:
    """Whether a skin or an animation needs the nodes of the default scene."""
    return bool(used_skins(places) or _targets(document, places, shapes))


def used_skins(places: Sequence[Place]) -> list[int]:
    """The skins of meshes that are shown, by index in the document."""
    nodes = [place.node for place in places]
    return sorted({whole_number(each, "skin") for each in nodes if {"mesh", "skin"} <= each.keys()})


def _targets(
    document: dict[str, Any], places: Sequence[Place], shapes: Mapping[int, Shape]
) -> list[Aim]:
    shown = {place.index for place in places}
    return [
        aim
        for clip in objects_at(document, "animations")
        for _, aim in aims(document, clip, shown, shapes)
        if aim is not None
    ]


def _only_carries(place: Place, needed: set[int]) -> bool:
    return (
        "mesh" in place.node
        and not indices_at(place.node, "children")
        and place.index not in needed
    )


def _refuse_moved_matrices(kept: Sequence[Place], moved: set[int]) -> None:
    for place in kept:
        if place.index in moved and "matrix" in place.node:
            raise MalformedGlb(
                f"nodes[{place.index}] is animated and has a matrix",
                fix="export its translation, rotation and scale",
            )


def _rig_node(place: Place, numbers: Mapping[int, int]) -> RigNode:
    transform: dict[str, Any] = {
        key: finite_numbers(place.node[key], width, key).tolist()
        for key, width in _TRANSFORM.items()
        if key in place.node
    }
    if "matrix" in transform:
        transform = {"matrix": transform["matrix"]}
        if not np.allclose(place.local[3], (0, 0, 0, 1), atol=1e-6):
            raise MalformedGlb(f"the matrix of nodes[{place.index}] distorts", fix=EXPORT_AGAIN)
    if "rotation" in transform:
        transform["rotation"] = _rotation(transform["rotation"])
    name = str(place.node.get("name") or "")
    return RigNode(name, numbers.get(place.parent, -1), place.local, transform)


def _rotation(stored: list[float]) -> list[float]:
    """As stored, if it has the length that the specification asks for."""
    unit = unit_quaternion(stored)
    return list(stored) if np.allclose(unit, stored, atol=1e-6) else list(unit)


def _read_skin(
    glb: Glb, index: int, shown: Mapping[int, Place], numbers: Mapping[int, int]
) -> tuple[Skin, Matrix]:
    """A skin in the model's space, and the matrix that brings the meshes it bends there."""
    skin = element(glb.json, "skins", index)
    joints = indices_at(skin, "joints")
    if not joints or len(set(joints)) < len(joints):
        raise MalformedGlb(f"skins[{index}] has no joints, or one twice", fix=EXPORT_AGAIN)
    if len(joints) > _MOST_JOINTS:
        raise UnsupportedGlb(
            f"skins[{index}] has {len(joints):,} joints, the limit is {_MOST_JOINTS:,}",
            fix="export the bones that bend something",
        )
    for joint in joints:
        if joint not in shown:
            raise MalformedGlb(
                f"skins[{index}] has nodes[{joint}] as a joint, which the scene does not show",
                fix=EXPORT_AGAIN,
            )
    binds = _inverse_binds(glb, skin, index, len(joints))
    bound = _bound(index, [shown[joint].world for joint in joints], binds)
    back = np.linalg.inv(bound)
    found = Skin(
        joints=tuple(numbers[joint] for joint in joints),
        inverse_bind=binds @ back,
        skeleton=_skeleton(skin, joints, shown, numbers),
        name=str(skin.get("name") or ""),
    )
    return found, bound


def _inverse_binds(glb: Glb, skin: dict[str, Any], index: int, count: int) -> Matrix:
    """(J, 4, 4) as in the file."""
    if "inverseBindMatrices" not in skin:
        return np.tile(np.eye(4), (count, 1, 1))
    accessor = element(glb.json, "accessors", skin["inverseBindMatrices"])
    if not count <= whole_number(accessor, "count") <= 2 * _MOST_JOINTS:
        raise MalformedGlb(
            f"skins[{index}] has {accessor['count']} inverse bind matrices for {count} joints",
            fix=EXPORT_AGAIN,
        )
    rows = read_accessor(glb, skin["inverseBindMatrices"], width=16)[:count]
    binds = rows.astype(np.float64).reshape(-1, 4, 4).transpose(0, 2, 1).copy()
    if not (np.abs(binds) < FARTHEST).all() or not np.allclose(
        binds[:, 3], (0, 0, 0, 1), atol=1e-5
    ):
        raise MalformedGlb(
            f"an inverse bind matrix of skins[{index}] is absurdly large, or distorts",
            fix=EXPORT_AGAIN,
        )
    binds[:, 3] = 0.0, 0.0, 0.0, 1.0
    return binds


def _bound(index: int, worlds: Sequence[Matrix], binds: Matrix) -> Matrix:
    """What carries a bound mesh to where its first joint holds it at rest.

    Every pose is the same for any such matrix, as long as it can be undone; this one shows the
    mesh where it is seen. One that is the identity but for rounding is taken for the identity.
    """
    for world, bind in zip(worlds, binds, strict=True):
        bound = world @ bind
        if inverse_of(bound) is not None:
            near = np.allclose(bound[:3, :3], np.eye(3), atol=_AT_REST)
            reach = max(1.0, float(np.abs(world[:3, 3]).max()))
            near = near and bool(np.abs(bound[:3, 3]).max() <= _AT_REST * reach)
            return np.eye(4) if near else bound
    raise UnsupportedGlb(
        f"all joints of skins[{index}] have no size at rest",
        fix="export a rest pose in which the bones have their size",
    )


def _skeleton(
    skin: dict[str, Any],
    joints: Sequence[int],
    shown: Mapping[int, Place],
    numbers: Mapping[int, int],
) -> int:
    """The node named as root, if all joints are below it: only then it means something."""
    if "skeleton" not in skin:
        return -1
    root = whole_number(skin, "skeleton")
    below = {root}
    for joint in joints:
        path = [joint]
        while path[-1] not in below:
            if path[-1] == -1:
                return -1
            path.append(shown[path[-1]].parent)
        below.update(path)
    return numbers.get(root, -1)
