"""What bends vertices, as it is stored: joints, weights, and what morph targets add."""

from __future__ import annotations

import numpy as np

from ._model import Mesh, MorphTarget
from ._quantize import UNSIGNED_BYTE, UNSIGNED_SHORT, Stream, as_it_is


def influences(mesh: Mesh) -> list[Stream]:
    """Joints and weights, four to an attribute; joints as bytes where they fit."""
    if mesh.joints is None or mesh.weights is None:
        return []
    small = not mesh.joints.size or int(mesh.joints.max()) < 256
    component = UNSIGNED_BYTE if small else UNSIGNED_SHORT
    streams: list[Stream] = []
    for number in range(mesh.joints.shape[1] // 4):
        columns = slice(4 * number, 4 * number + 4)
        rows = np.ascontiguousarray(mesh.joints[:, columns], "u1" if small else "<u2")
        streams += [
            Stream(f"JOINTS_{number}", rows, component, "VEC4"),
            as_it_is(f"WEIGHTS_{number}", mesh.weights[:, columns], "VEC4"),
        ]
    return streams


def deltas(target: MorphTarget, mesh: Mesh) -> list[Stream]:
    """What a morph target adds to attributes that ``mesh`` has."""
    streams = [as_it_is("POSITION", target.positions, "VEC3")]
    if target.normals is not None and mesh.normals is not None:
        streams.append(as_it_is("NORMAL", target.normals, "VEC3"))
    if target.tangents is not None and mesh.tangents is not None:
        streams.append(as_it_is("TANGENT", target.tangents, "VEC3"))
    return streams
