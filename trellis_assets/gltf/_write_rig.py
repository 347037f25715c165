"""A :class:`Rig` to glTF: the nodes behind those of the parts, skins, and animations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._body import Body, added
from ._errors import GltfError
from ._model import Mesh, Model, Part
from ._rig import Channel, Clip, Rig, RigNode
from ._transform import inverse_of, is_finite, transformed

PLACEMENT = "placement"
"""Name of the node above all others of a rig that was moved since it was read."""
_FLOAT = 5126
_KINDS = {"translation": "VEC3", "rotation": "VEC4", "scale": "VEC3", "weights": "SCALAR"}


class RigWriter:
    """Node ``i`` of the rig becomes node ``parts + i`` of the document.

    ``parts`` are the first of each mesh, see :func:`drawn_together`. A skinned one and one that no
    node carries are written at the root of the scene; any other becomes a child of its node, in the
    node's own space.
    """

    def __init__(
        self, rig: Rig, parts: Sequence[Part], body: Body, accessors: list[dict[str, Any]]
    ) -> None:
        self._rig = rig
        self._parts = parts
        self._body = body
        self._accessors = accessors
        self._accessor_of: dict[tuple[str, bytes], int] = {}
        self._worlds = rig.worlds()
        self._shaped: dict[int, list[int]] = {}
        for index, part in enumerate(parts):
            if part.mesh.targets:
                self._shaped.setdefault(part.shape, []).append(index)

    def own_space(self, part: Part) -> Mesh:
        """The mesh of a part as it is written.

        Raises:
            GltfError: the node that carries it has no size at rest.
        """
        if _carrier(part) < 0:
            return part.mesh
        back = inverse_of(self._worlds[part.node])
        mesh = part.mesh if back is None else transformed(part.mesh, back)
        if back is None or not is_finite(mesh):
            raise GltfError(
                f"part {part.name!r} hangs on node {self._rig.nodes[part.node].name!r}, which has "
                "no size at rest",
                fix="give the node a size at rest",
            )
        return mesh

    def nodes(self) -> tuple[list[dict[str, Any]], list[int]]:
        """The nodes of the rig, and which nodes of the document are roots of the scene."""
        children: list[list[int]] = [[] for _ in self._rig.nodes]
        roots: list[int] = []
        rig_roots: list[int] = []
        for index, part in enumerate(self._parts):
            carrier = _carrier(part)
            (children[carrier] if carrier >= 0 else roots).append(index)
        for number, node in enumerate(self._rig.nodes):
            above = rig_roots if node.parent < 0 else children[node.parent]
            above.append(self._place(number))
        nodes = [_node(node, below) for node, below in zip(self._rig.nodes, children, strict=True)]
        if not rig_roots or np.array_equal(self._rig.placement, np.eye(4)):
            return nodes, [*roots, *rig_roots]
        return nodes, [*roots, self._placed(nodes, rig_roots)]

    def skins(self) -> list[dict[str, Any]]:
        """The skins of the rig."""
        skins = []
        for skin in self._rig.skins:
            rows = skin.inverse_bind.transpose(0, 2, 1).reshape(-1, 16)
            written: dict[str, Any] = {"name": skin.name} if skin.name else {}
            written["inverseBindMatrices"] = self._accessor(rows, "MAT4")
            written["joints"] = [self._place(joint) for joint in skin.joints]
            if skin.skeleton >= 0:
                written["skeleton"] = self._place(skin.skeleton)
            skins.append(written)
        return skins

    def animations(self) -> list[dict[str, Any]]:
        """The clips that move something of this model."""
        clips = [self._clip(clip) for clip in self._rig.clips]
        return [clip for clip in clips if clip["channels"]]

    def _clip(self, clip: Clip) -> dict[str, Any]:
        channels: list[dict[str, Any]] = []
        samplers: dict[tuple[int, int, str], int] = {}
        for channel in clip.channels:
            nodes = self._moved_by(channel)
            if not nodes:
                continue
            kind = _KINDS[channel.path]
            values = channel.values.reshape(-1, 1) if kind == "SCALAR" else channel.values
            times = self._accessor(channel.times[:, None], "SCALAR", bounds=True)
            keys = (times, self._accessor(values, kind), channel.interpolation)
            place = samplers.setdefault(keys, len(samplers))
            channels += [
                {"sampler": place, "target": {"node": node, "path": channel.path}} for node in nodes
            ]
        named: dict[str, Any] = {"name": clip.name} if clip.name else {}
        names = ("input", "output", "interpolation")
        written = [dict(zip(names, keys, strict=True)) for keys in samplers]
        return {**named, "channels": channels, "samplers": written}

    def _moved_by(self, channel: Channel) -> list[int]:
        if channel.path != "weights":
            return [self._place(channel.node)]
        return self._shaped.get(channel.node, [])

    def _place(self, number: int) -> int:
        return len(self._parts) + number

    def _placed(self, nodes: list[dict[str, Any]], roots: list[int]) -> int:
        """The root that carries the placement; one that was written before is used again."""
        number = roots[0] - len(self._parts)
        root = self._rig.nodes[number]
        if len(roots) == 1 and root.name == PLACEMENT and number not in self._in_use():
            matrix = self._rig.placement @ root.local
            below = nodes[number]["children"]
            nodes[number] = {"name": PLACEMENT, "matrix": _listed(matrix), "children": below}
            return roots[0]
        above = {"name": PLACEMENT, "matrix": _listed(self._rig.placement), "children": roots}
        return len(self._parts) + added(nodes, above)

    def _in_use(self) -> set[int]:
        """Nodes whose own transform says something to a skin or an animation."""
        joints = {joint for skin in self._rig.skins for joint in skin.joints}
        return joints | {
            channel.node
            for clip in self._rig.clips
            for channel in clip.channels
            if channel.path != "weights"
        }

    def _accessor(self, rows: NDArray[Any], kind: str, *, bounds: bool = False) -> int:
        """Floats, each content once: the bones of a clip have their times in common."""
        values = np.ascontiguousarray(rows, "<f4")
        key = f"{kind} {bounds}", values.tobytes()
        if key not in self._accessor_of:
            accessor: dict[str, Any] = {
                "bufferView": self._body.view(values),
                "componentType": _FLOAT,
                "count": len(values),
                "type": kind,
            }
            if bounds:
                accessor["min"], accessor["max"] = [float(values[0, 0])], [float(values[-1, 0])]
            self._accessor_of[key] = added(self._accessors, accessor)
        return self._accessor_of[key]


def _node(node: RigNode, children: list[int]) -> dict[str, Any]:
    written: dict[str, Any] = {"name": node.name} if node.name else {}
    written |= node.transform
    if not node.transform and not np.array_equal(node.local, np.eye(4)):
        written["matrix"] = _listed(node.local)
    if children:
        written["children"] = children
    return written


def _listed(matrix: NDArray[np.float64]) -> list[float]:
    """Column by column, as glTF has it."""
    return [float(value) for value in matrix.T.reshape(-1)]


def drawn_together(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts of each mesh: those that are morphed as one, every other one by itself.

    A face of three materials stays one mesh with one set of sliders.
    """
    groups: dict[tuple[int, ...], list[Part]] = {}
    for index, part in enumerate(parts):
        alone = part.shape < 0 or not part.mesh.targets
        key = (index,) if alone else (part.shape, part.node, part.skin, len(part.mesh.targets))
        groups.setdefault(key, []).append(part)
    return list(groups.values())


def in_reading_order(model: Model) -> tuple[Part, ...]:
    """The parts as :func:`.load_model` finds them in the file that :func:`.model_to_glb` writes.

    Those of one mesh are side by side, and those that a node carries come where the node stands in
    the tree, depth first. Parts of a static model keep their order.
    """
    below: dict[int, list[int]] = {}
    for number, node in enumerate(model.rig.nodes if model.rig else ()):
        below.setdefault(node.parent, []).append(number)
    carried: dict[int, list[Part]] = {}
    for group in drawn_together(model.parts):
        carried.setdefault(_carrier(group[0]) if model.rig else -1, []).extend(group)
    found: list[Part] = []
    stack = [-1]
    while stack:
        place = stack.pop()
        found += carried.get(place, [])
        stack += reversed(below.get(place, []))
    return tuple(found)


def _carrier(part: Part) -> int:
    """The node of the rig below which a part is written; -1: at the root of the scene."""
    return -1 if part.skin >= 0 else part.node


def shape_of(part: Part) -> dict[str, Any]:
    """What a mesh says of its morph targets as a whole."""
    written: dict[str, Any] = {}
    if part.mesh.targets and part.shape_weights:
        written["weights"] = list(part.shape_weights)
    if part.mesh.targets and part.shape_names:
        written["extras"] = {"targetNames": list(part.shape_names)}
    return written
