"""Vertices as small integers (KHR_mesh_quantization): what is stored, and how far off it is.

Positions go to a grid of 16 bits over the longest side of the part, undone by the node's scale and
translation; normals and tangents to 8 bits, as gltfpack stores them by default. UVs in 0..1 take 16
bits, 1/131,070 off at most: a sixteenth of a texel of an 8192 texture. UVs outside stay floats, so
that no KHR_texture_transform is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._meshopt_codec import encode_octahedral
from ._model import Mesh

BYTE, UNSIGNED_BYTE, UNSIGNED_SHORT, FLOAT = 5120, 5121, 5123, 5126
_LEVELS = {"quantized": 65535, "meshopt": 16383}
"""Steps along the longest side; 14 bits where a codec packs them, for the last two bits are noise
that packs badly (a 2 m prop is then off by 0.06 mm at most)."""


@dataclass(frozen=True, eq=False)
class Stream:
    """One attribute as stored: rows padded to 4 bytes."""

    semantic: str
    rows: NDArray[Any]
    component: int
    kind: str
    normalized: bool = False
    filter: str = "NONE"
    """Of EXT_meshopt_compression; with one, ``rows`` are what the filter turns into the values."""
    bounds: tuple[list[int], list[int]] | tuple[list[float], list[float]] | None = None

    @property
    def stride(self) -> int:
        return self.rows.nbytes // max(len(self.rows), 1)


@dataclass(frozen=True, eq=False)
class Grid:
    """Where positions were moved to: metres = stored * ``scale`` + ``offset``."""

    scale: float
    offset: tuple[float, float, float]

    @property
    def undone(self) -> dict[str, Any]:
        """Properties of a node that bring the positions back to metres."""
        return {"translation": list(self.offset), "scale": [self.scale] * 3}


def as_it_is(semantic: str, values: NDArray[np.float32], kind: str) -> Stream:
    """An attribute as floats."""
    rows = np.ascontiguousarray(values, "<f4")
    if semantic != "POSITION" or not len(rows):
        return Stream(semantic, rows, FLOAT, kind)
    bounds = (rows.min(axis=0).tolist(), rows.max(axis=0).tolist())
    return Stream(semantic, rows, FLOAT, kind, bounds=bounds)


def quantize(
    mesh: Mesh, how: str, *, keep_positions: bool = False
) -> tuple[list[Stream], Grid | None]:
    """The attributes of ``mesh`` as integers; ``how`` is ``quantized`` or ``meshopt``.

    Args:
        keep_positions: leave them floats without a grid, for a mesh that moves: a grid would have
            to be undone below its node, in its skin, and in what its morph targets add.
    """
    filtered = how == "meshopt"
    grid: Grid | None = None
    if keep_positions:
        position = as_it_is("POSITION", mesh.positions, "VEC3")
    else:
        position, grid = _positions(mesh.positions, _LEVELS[how])
    streams = [position]
    if mesh.normals is not None:
        streams.append(_directions("NORMAL", mesh.normals, "VEC3", filtered=filtered))
    if mesh.tangents is not None:
        streams.append(_directions("TANGENT", mesh.tangents, "VEC4", filtered=filtered))
    if mesh.uvs is not None:
        streams.append(_uvs(mesh.uvs))
    if mesh.colors is not None:
        rows = np.rint(np.clip(mesh.colors, 0, 1) * 255).astype(np.uint8)
        streams.append(Stream("COLOR_0", rows, UNSIGNED_BYTE, "VEC4", normalized=True))
    return streams, grid


def _positions(positions: NDArray[np.float32], levels: int) -> tuple[Stream, Grid]:
    """One scale for all axes, so that normals need no correction."""
    points = positions.astype(np.float64)
    lower = points.min(axis=0) if len(points) else np.zeros(3)
    extent = float(np.ptp(points, axis=0).max()) if len(points) else 0.0
    scale = extent / levels if extent > 0 else 1.0
    rows = np.zeros((len(points), 4), np.uint16)
    rows[:, :3] = np.rint((points - lower) / scale)
    used = rows[:, :3] if len(rows) else np.zeros((1, 3), np.uint16)
    bounds = used.min(axis=0).tolist(), used.max(axis=0).tolist()
    offset = (float(lower[0]), float(lower[1]), float(lower[2]))
    return Stream("POSITION", rows, UNSIGNED_SHORT, "VEC3", bounds=bounds), Grid(scale, offset)


def _directions(
    semantic: str, vectors: NDArray[np.float32], kind: str, *, filtered: bool
) -> Stream:
    rows = np.zeros((len(vectors), 4), np.float32)
    rows[:, : vectors.shape[1]] = np.clip(vectors, -1, 1)
    if filtered:
        packed = encode_octahedral(rows)
        return Stream(semantic, packed, BYTE, kind, normalized=True, filter="OCTAHEDRAL")
    return Stream(semantic, np.rint(rows * 127).astype(np.int8), BYTE, kind, normalized=True)


def _uvs(uvs: NDArray[np.float32]) -> Stream:
    if len(uvs) and (uvs.min() < 0 or uvs.max() > 1):
        return as_it_is("TEXCOORD_0", uvs, "VEC2")
    rows = np.rint(uvs.astype(np.float64) * 65535).astype(np.uint16)
    return Stream("TEXCOORD_0", rows, UNSIGNED_SHORT, "VEC2", normalized=True)
