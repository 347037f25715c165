"""What moves or bends the parts of a :class:`~trellis_assets.gltf.Model`: nodes, skins, animations.

The parts of a model stand in its own space whatever carries them. A part that hangs on a node of
the rig is written below that node with the node's rest transform undone; a skinned part is written
at the root, because glTF ignores the transform of a skinned node (3.7.3.3). A :class:`Rig` changes
place with its model (:meth:`Rig.moved`), so that a step which keeps vertices keeps every pose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Path = Literal["translation", "rotation", "scale", "weights"]
Interpolation = Literal["LINEAR", "STEP", "CUBICSPLINE"]


@dataclass(frozen=True, eq=False)
class RigNode:
    """A node of the tree: a bone, or something else that moves or marks a place."""

    name: str
    parent: int  # -1 for a root; may come later in the list than its child
    local: NDArray[np.float64]  # (4, 4) at rest, column vectors
    transform: Mapping[str, Any] = field(default_factory=dict)
    """``translation``, ``rotation``, ``scale`` or ``matrix`` as they stand in the file."""


@dataclass(frozen=True, eq=False)
class Skin:
    """Which bones bend a mesh (glTF 2.0, section 3.7.3)."""

    joints: tuple[int, ...]  # nodes of the rig
    inverse_bind: NDArray[np.float64]  # (J, 4, 4) from the model's space into each joint's
    skeleton: int = -1  # a node of the rig; -1: not said
    name: str = ""


@dataclass(frozen=True, eq=False)
class Channel:
    """The keys of one property (glTF 2.0, section 3.11)."""

    node: int
    """A node of the rig; for ``weights`` the :attr:`Part.shape` of the parts that are meant."""
    path: Path
    times: NDArray[np.float32]  # (K,) seconds
    values: NDArray[np.float32]  # (K, width), (3K, width) for CUBICSPLINE, as in the file
    interpolation: Interpolation = "LINEAR"


@dataclass(frozen=True, eq=False)
class Clip:
    """An animation."""

    name: str
    channels: tuple[Channel, ...]


@dataclass(frozen=True, eq=False)
class Rig:
    """The node tree of a model that moves, with its skins and animations."""

    nodes: tuple[RigNode, ...] = ()
    skins: tuple[Skin, ...] = ()
    clips: tuple[Clip, ...] = ()
    placement: NDArray[np.float64] = field(default_factory=lambda: np.eye(4))
    """(4, 4) above all roots: where the model was moved to since it was read."""

    def worlds(self, local: Sequence[NDArray[np.float64]] = ()) -> NDArray[np.float64]:
        """(N, 4, 4) from each node's space into the model's.

        Args:
            local: (4, 4) of each node where it is not at rest; empty: all are.
        """
        matrices = local or [node.local for node in self.nodes]
        worlds = np.zeros((len(self.nodes) + 1, 4, 4))
        worlds[-1] = self.placement  # of a root's parent, which is -1
        known = np.zeros(len(worlds), bool)
        known[-1] = True
        for start in range(len(self.nodes)):
            path = [start]
            while not known[path[-1]]:
                path.append(self.nodes[path[-1]].parent)
            for parent, node in pairwise(reversed(path)):
                worlds[node] = worlds[parent] @ matrices[node]
                known[node] = True
        return worlds[:-1]

    def moved(self, matrix: NDArray[np.float64]) -> Rig:
        """The rig of a model whose positions went through ``matrix`` (4, 4), invertible."""
        back = np.linalg.inv(matrix)
        skins = tuple(replace(skin, inverse_bind=skin.inverse_bind @ back) for skin in self.skins)
        return replace(self, skins=skins, placement=matrix @ self.placement)

    def __str__(self) -> str:
        """``a skin with 24 joints, 3 animations``: for reasons given to people."""
        joints = _count(sum(len(skin.joints) for skin in self.skins), "joint")
        skins = "a skin" if len(self.skins) == 1 else _count(len(self.skins), "skin")
        said = [f"{skins} with {joints}"] if self.skins else []
        said += [_count(len(self.clips), "animation")] if self.clips else []
        return ", ".join(said)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
