"""All parts of a model as one triangle list that repairs work on, and the way back.

Topology is judged on ``place`` (welded positions) while every corner keeps its own vertex, so that
UV seams survive. Vertices may be copied and moved; ``origin`` says whose attributes they carry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh, Model, Part

from .shading import corner_normals
from .topology import (
    Edges,
    concatenated,
    edges,
    face_components,
    face_vectors,
    neighbours,
    weld,
)

Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Soup:
    """Immutable; every repair returns a new one."""

    points: NDArray[np.float32]  # (W, 3) welded positions
    place: Int64  # (V,) welded position of each vertex
    origin: Int64  # (V,) vertex of the model whose attributes it has
    faces: Int64  # (T, 3) vertices
    part: Int64  # (T,)
    flipped: NDArray[np.bool_]  # (T,) wound the other way than in the model
    diagonal: float

    @cached_property
    def welded(self) -> Int64:
        """(T, 3) triangles over welded positions."""
        return self.place[self.faces]

    @cached_property
    def edges(self) -> Edges:
        """Edges of the welded triangles."""
        return edges(self.welded)

    @cached_property
    def pairs(self) -> Int64:
        """(M, 2) half-edges of the edges that two triangles share."""
        return neighbours(self.edges)

    @cached_property
    def pieces(self) -> Int64:
        """(T,) label of the connected piece of each triangle."""
        return face_components(self.welded, len(self.points))

    def keep(self, chosen: NDArray[np.bool_]) -> Soup:
        """Only the chosen (T,) triangles."""
        return replace(
            self, faces=self.faces[chosen], part=self.part[chosen], flipped=self.flipped[chosen]
        )

    def turn(self, chosen: NDArray[np.bool_]) -> Soup:
        """The chosen (T,) triangles wound the other way."""
        faces = np.where(chosen[:, None], self.faces[:, ::-1], self.faces)
        return replace(self, faces=faces, flipped=self.flipped ^ chosen)


def gather(model: Model, *, tolerance: float) -> Soup:
    """Weld all parts of a model within ``tolerance`` times its diagonal."""
    meshes = [part.mesh for part in model.parts]
    positions, faces = concatenated(meshes)
    diagonal = float(np.linalg.norm(np.diff(model.bounds(), axis=0)))
    place, first = weld(positions, tolerance=tolerance * diagonal)
    return Soup(
        points=positions[first],
        place=place,
        origin=np.arange(len(positions)),
        faces=faces,
        part=np.repeat(np.arange(len(meshes)), [mesh.triangle_count for mesh in meshes]),
        flipped=np.zeros(len(faces), bool),
        diagonal=diagonal,
    )


def scatter(soup: Soup, model: Model, *, crease_degrees: float = 50.0) -> Model:
    """The model with the soup's triangles; parts that lost all of theirs are left out.

    Normals of vertices on turned triangles are computed anew, and tangents of such parts dropped:
    both belonged to the other side.
    """
    starts = np.cumsum([0, *(part.mesh.vertex_count for part in model.parts)])
    turned = np.zeros(len(soup.points), bool)
    turned[soup.welded[soup.flipped].reshape(-1)] = True
    fresh = None
    if turned.any():
        fresh = corner_normals(soup.points, soup.welded, crease_degrees=crease_degrees)[0]
    parts = []
    for number, part in enumerate(model.parts):
        chosen = soup.part == number
        if chosen.any():
            corner = None if fresh is None else fresh[chosen]
            mesh = _part_mesh(soup, part.mesh, chosen, int(starts[number]), turned, corner)
            parts.append(Part(mesh, part.material, part.name))
    return replace(model, parts=tuple(parts))


def _part_mesh(
    soup: Soup,
    mesh: Mesh,
    chosen: NDArray[np.bool_],
    start: int,
    turned: NDArray[np.bool_],
    fresh: NDArray[np.float64] | None,
) -> Mesh:
    faces = soup.faces[chosen]
    flat = faces.reshape(-1)
    key = 2 * flat + np.repeat(soup.flipped[chosen], 3)
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    vertex = flat[first]
    source = soup.origin[vertex] - start
    normals = None if mesh.normals is None else mesh.normals[source].copy()
    touched = turned[soup.place[vertex]]
    if normals is not None and fresh is not None and touched.any():
        normals[touched] = fresh.reshape(-1, 3)[first][touched]
    tangents = mesh.tangents
    return Mesh(
        positions=soup.points[soup.place[vertex]].astype(np.float32),
        triangles=inverse.reshape(-1, 3).astype(np.uint32),
        normals=normals,
        uvs=None if mesh.uvs is None else mesh.uvs[source],
        tangents=None if tangents is None or touched.any() else tangents[source],
        colors=None if mesh.colors is None else mesh.colors[source],
    )


def areas(soup: Soup) -> NDArray[np.float64]:
    """(T,) square metres."""
    area: NDArray[np.float64] = np.linalg.norm(face_vectors(soup.points, soup.welded), axis=1) / 2
    return area
