"""Whether a material needs both sides of its triangles: decided by what the mesh leaves open.

TRELLIS.2 declares every material double-sided. Drawing back faces of a closed body costs fill rate
and shadow artefacts for nothing that can be seen; some engines have no double-sided shader at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh

SidesPolicy = Literal["auto", "single", "double"]

OPEN_SHARE = 0.002
"""Up to this share of open edges is a pinhole that nobody looks into, not an open sheet."""


@dataclass(frozen=True)
class SidesDecision:
    """The answer, why, and the numbers behind it."""

    double_sided: bool
    reason: str
    declared: bool
    policy: str
    open_share: float
    """Share of the edges that only one triangle has, or that two have in the same direction."""
    volume: float
    """Enclosed, in cubic metres; negative when the surface is inside out."""

    def as_dict(self) -> dict[str, Any]:
        """For metadata and manifests; numbers rounded to six digits."""
        return {
            "double_sided": self.double_sided,
            "reason": self.reason,
            "declared": self.declared,
            "policy": self.policy,
            "open_share": round(self.open_share, 6),
            "volume_m3": float(f"{self.volume:.6g}"),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> SidesDecision:
        """The inverse of :meth:`as_dict`."""
        rest = {key: value for key, value in values.items() if key != "volume_m3"}
        return cls(**rest, volume=values["volume_m3"])


def decide_sides(
    meshes: Iterable[Mesh], *, declared: bool, policy: SidesPolicy = "auto", opaque: bool = True
) -> SidesDecision:
    """Single-sided for a closed, opaque body that is not inside out; else as declared.

    Args:
        meshes: all that the material is on.
        declared: what the file says.
        policy: ``auto``, or what the catalog entry demands.
        opaque: through glass and cut-outs one sees the back.
    """
    meshes = tuple(mesh for mesh in meshes if mesh.triangle_count)
    open_share, volume = _open_share(meshes), sum(_volume(mesh) for mesh in meshes)
    closed = open_share <= OPEN_SHARE and volume > 0
    if policy != "auto":
        double, reason = policy == "double", f"the catalog entry asks for {policy}"
    elif not declared:
        double, reason = False, "the file declares it"
    elif not opaque:
        double, reason = True, "the back is seen through what is not opaque"
    elif closed:
        double, reason = False, f"a closed body: {open_share:.2%} of the edges are open"
    elif volume <= 0:
        double, reason = True, "the surface encloses nothing or is inside out"
    else:
        double, reason = True, f"{open_share:.2%} of the edges are open: the back can be seen"
    return SidesDecision(double, reason, declared, policy, open_share, volume)


def _open_share(meshes: tuple[Mesh, ...]) -> float:
    edges = [_edges(mesh) for mesh in meshes]
    total = sum(len(one) for one in edges)
    return sum(_unpaired(one) for one in edges) / total if total else 1.0


def _edges(mesh: Mesh) -> NDArray[np.int64]:
    """(3 T, 2) directed edges between places; vertices split at seams are one place."""
    _, place = np.unique(mesh.positions + np.float32(0), axis=0, return_inverse=True)
    corners = place.reshape(-1)[mesh.triangles]
    directed = np.concatenate([corners[:, (0, 1)], corners[:, (1, 2)], corners[:, (2, 0)]])
    return np.asarray(directed[directed[:, 0] != directed[:, 1]], np.int64)


def _unpaired(edges: NDArray[np.int64]) -> int:
    """Edges without exactly as many twins the other way round."""
    if not len(edges):
        return 0
    base = int(edges.max()) + 1
    forward = edges[:, 0] < edges[:, 1]
    key = edges.min(axis=1) * base + edges.max(axis=1)
    _, which = np.unique(key, return_inverse=True)
    balance = np.bincount(which.reshape(-1), weights=np.where(forward, 1, -1))
    return int(np.abs(balance).sum())


def _volume(mesh: Mesh) -> float:
    """By the divergence theorem, from the middle of the mesh for precision."""
    points = mesh.positions.astype(np.float64)
    a, b, c = (points[mesh.triangles[:, corner]] - points.mean(axis=0) for corner in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)
