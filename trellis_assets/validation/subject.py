"""One GLB under judgement: parsed once, and what several rules need computed once.

Bounded for files from anywhere: what is too large is refused by name before anything is unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.geometry.pose import at_rest
from trellis_assets.gltf import (
    Glb,
    GltfError,
    Image,
    Material,
    Model,
    Part,
    mesh_nodes,
    model_from_glb,
    read_accessor,
    read_glb,
    view_bytes,
)
from trellis_assets.textures import Pixels, TextureError, TextureTooLarge, decode, image_size

from .atlas import Atlas
from .budgets import Measured, measure_model
from .document import element_at, items, object_of
from .expectation import Expectation
from .limits import TooLarge, refuse_crowded, refuse_large, refuse_long
from .surface import Surface

if TYPE_CHECKING:
    from trellis_assets.catalog import Profile

_FLOAT = 5126
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
MOST_TEXELS = 160_000_000  # decoded per file: half a gigabyte


@dataclass(frozen=True)
class Piece:
    """One primitive of one node, as drawn."""

    part: Part
    node: str
    primitive: int
    json: dict[str, Any]
    """The primitive as it stands in the file."""


class Subject:
    """A GLB and everything that rules ask about it.

    Args:
        data: the file.
        where: its name, for findings.
        profile: the target whose limits hold, if there is one.
        expectation: what the brief says.
    """

    def __init__(
        self,
        data: bytes,
        *,
        where: str = "model.glb",
        profile: Profile | None = None,
        expectation: Expectation | None = None,
    ) -> None:
        self.data = data
        self.where = where
        self.profile = profile
        self.expectation = expectation or Expectation()
        self._textures: dict[tuple[int, str], Pixels | TextureError] = {}
        self._texels_left = MOST_TEXELS

    def place(self, node: str) -> str:
        """Where a finding lies: the file, and the node if there is one."""
        return f"{self.where}: {node}" if node else self.where

    @cached_property
    def glb(self) -> Glb:
        """The file taken apart.

        Raises:
            TooLarge: over 512 MiB, 8 MiB of JSON or 300,000 objects in it.
            MalformedGlb: not a GLB.
        """
        refuse_long(self.data)
        glb = read_glb(self.data)
        refuse_crowded(glb.json)
        return glb

    @property
    def document(self) -> dict[str, Any]:
        """The glTF JSON; untrusted, rules read it through :mod:`.document`."""
        return self.glb.json

    @cached_property
    def model(self) -> Model:
        """The model, at rest where it moves.

        Raises:
            TooLarge: too many triangles, vertices or primitives, counted before they are unpacked.
            MalformedGlb: the bytes break the specification.
            UnsupportedGlb: instances, points, lines, extensions that are not known.
        """
        refuse_large(self.glb)
        with np.errstate(all="ignore"):  # normals may be anything
            return model_from_glb(self.glb)

    @cached_property
    def unreadable(self) -> GltfError | TooLarge | None:
        """Why not even the document can be read; None if it can."""
        try:
            _ = self.document
        except (GltfError, TooLarge) as error:
            return error
        return None

    @cached_property
    def refusal(self) -> GltfError | TooLarge | None:
        """Why there is no model; None if there is one."""
        try:
            _ = self.model
        except (GltfError, TooLarge) as error:
            return error
        return None

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The parts of the model, each with its node's name and primitive index."""
        drawn = [
            (str(node.get("name") or mesh.get("name") or "mesh"), index, primitive)
            for node, _ in mesh_nodes(self.document)
            for mesh in [element_at(self.document, "meshes", node.get("mesh"))]
            for index, primitive in enumerate(items(mesh, "primitives"))
        ]
        return tuple(
            Piece(part, node, index, primitive)
            for part, (node, index, primitive) in zip(self.model.parts, drawn, strict=True)
        )

    def stored(self, semantic: str) -> Iterator[tuple[Piece, NDArray[np.float32]]]:
        """A float attribute as it stands in the file, (V, K), once for each accessor."""
        seen: set[int] = set()
        for piece in self.pieces:
            index = object_of(piece.json, "attributes").get(semantic)
            accessor = element_at(self.document, "accessors", index)
            if type(index) is not int or index in seen:
                continue
            if accessor.get("componentType") != _FLOAT:
                continue
            seen.add(index)
            width = _WIDTHS.get(str(accessor.get("type")), 0)
            yield piece, read_accessor(self.glb, index, width=width)

    @cached_property
    def materials(self) -> tuple[Piece, ...]:
        """The first piece of each material."""
        first: dict[int, Piece] = {}
        for piece in self.pieces:
            first.setdefault(id(piece.part.material), piece)
        return tuple(first.values())

    @cached_property
    def bounds(self) -> NDArray[np.float64]:
        """(2, 3) lower and upper corner of the model at rest, metres."""
        return at_rest(self.model).bounds().astype(np.float64)

    @cached_property
    def measured(self) -> Measured:
        """The numbers that budgets limit."""
        return measure_model(self.model, file_bytes=len(self.data))

    @cached_property
    def surface(self) -> Surface:
        """All triangles, welded by position."""
        return Surface([part.mesh for part in self.model.parts])

    @cached_property
    def atlases(self) -> tuple[Atlas, ...]:
        """The UV layout of each material that has UVs."""
        return tuple(
            Atlas(pieces[0].part.material, [piece.part.mesh for piece in pieces])
            for pieces in self._unwrapped.values()
        )

    @cached_property
    def _unwrapped(self) -> dict[int, list[Piece]]:
        """The pieces of each material that have UVs, by the material's id."""
        by_material: dict[int, list[Piece]] = {}
        for piece in self.pieces:
            if piece.part.mesh.uvs is not None and piece.part.mesh.triangle_count:
                by_material.setdefault(id(piece.part.material), []).append(piece)
        return by_material

    def triangles_of(self, *pieces: Piece) -> NDArray[np.int64]:
        """Numbers of the pieces' triangles in ``surface``, in their order."""
        wanted = {id(piece) for piece in pieces}
        parts = [number for number, piece in enumerate(self.pieces) if id(piece) in wanted]
        return np.flatnonzero(np.isin(self.surface.part, parts))

    def triangles_on(self, atlas: Atlas) -> NDArray[np.int64]:
        """(T,) number in ``surface`` of each triangle of an atlas."""
        return self.triangles_of(*self._unwrapped[id(atlas.material)])

    def pixels(self, material: Material, slot: str) -> Pixels | None:
        """A texture, (H, W, 3 or 4) uint8; None where there is none that can be decoded."""
        found = self.texture(material, slot)
        return None if isinstance(found, TextureError) else found

    def shown(self, material: Material, pixels: Pixels) -> Pixels:
        """(N, C) the texels that the surface shows, all of them where it has no UVs."""
        atlas = self.atlas_of(material)
        if atlas is None or not atlas.finite:
            return pixels.reshape(-1, pixels.shape[2])
        return atlas.cover.pick(pixels)

    def atlas_of(self, material: Material) -> Atlas | None:
        """Its UV layout; None where no mesh of it has UVs."""
        return next((atlas for atlas in self.atlases if atlas.material is material), None)

    def picture(self, index: int) -> bytes | None:
        """The bytes of an embedded image; None if they are not in the file."""
        entry = element_at(self.document, "images", index)
        try:
            return (
                bytes(view_bytes(self.glb, entry["bufferView"])) if "bufferView" in entry else None
            )
        except GltfError:
            return None

    def texture(self, material: Material, slot: str) -> Pixels | TextureError | None:
        """A texture, or why it cannot be decoded; None where there is none."""
        image = material.images().get(slot)
        if image is None:
            return None
        key = (id(image), slot)
        if key not in self._textures:
            try:
                self._textures[key] = self._decoded(image, slot, material.name)
            except TextureError as error:
                self._textures[key] = error
        return self._textures[key]

    def _decoded(self, image: Image, slot: str, material: str) -> Pixels:
        width, height = image_size(image)
        self._texels_left -= width * height
        if self._texels_left < 0:
            raise TextureTooLarge(
                f"all textures together have more than {MOST_TEXELS:,} texels",
                material=material,
                slot=slot,
                fix="split the model, or use smaller textures",
            )
        return decode(image, slot=slot, material=material)
