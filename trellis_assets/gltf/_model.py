"""The document type that every other package works on: textured triangle meshes.

A :class:`Model` is what is left of a GLB once its node tree is flattened: parts, each a mesh with
one material, and a :class:`~trellis_assets.gltf.Rig` where something moves them. It is immutable;
every step returns a new one. What a Model cannot hold (instances, points, lines) is refused by
:func:`trellis_assets.gltf.load_model` by name, never dropped.

Coordinates are those of glTF 2.0 (section 3.4): metres, right-handed, +Y up, front facing +Z,
counter-clockwise front faces, UV origin at the top left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ._rig import Rig

Float32 = NDArray[np.float32]
UInt16 = NDArray[np.uint16]
UInt32 = NDArray[np.uint32]
AlphaMode = Literal["OPAQUE", "MASK", "BLEND"]


@dataclass(frozen=True, eq=False)
class Image:
    """An encoded picture, byte for byte as it stands in the file."""

    data: bytes
    mime: str  # image/png, image/jpeg, image/webp or image/ktx2
    name: str = ""


@dataclass(frozen=True, eq=False)
class Material:
    """A metallic-roughness material (glTF 2.0, section 3.9); textures share UV set 0."""

    name: str = "material"
    base_color: Image | None = None
    base_color_factor: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    orm: Image | None = None
    """Red: occlusion (only when ``occlusion``), green: roughness, blue: metallic."""
    occlusion: bool = False
    occlusion_texture: Image | None = None
    """Occlusion in a picture of its own, as some exporters write it; excludes ``occlusion``."""
    metallic_factor: float = 1.0
    roughness_factor: float = 1.0
    normal: Image | None = None
    normal_scale: float = 1.0
    emissive: Image | None = None
    emissive_factor: tuple[float, float, float] = (0.0, 0.0, 0.0)
    alpha_mode: AlphaMode = "OPAQUE"
    alpha_cutoff: float = 0.5
    double_sided: bool = False
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """KHR_materials_* extensions that carry no texture, kept as they were."""

    def images(self) -> dict[str, Image]:
        """The textures that are there, by slot name."""
        slots = {
            "base_color": self.base_color,
            "orm": self.orm,
            "occlusion": self.occlusion_texture,
            "normal": self.normal,
            "emissive": self.emissive,
        }
        return {slot: image for slot, image in slots.items() if image is not None}


@dataclass(frozen=True, eq=False)
class MorphTarget:
    """What one shape adds to the vertices of a mesh (glTF 2.0, section 3.7.2.2)."""

    positions: Float32  # (V, 3) metres
    normals: Float32 | None = None  # (V, 3)
    tangents: Float32 | None = None  # (V, 3)


@dataclass(frozen=True, eq=False)
class Mesh:
    """Indexed triangles with the attributes a game material needs."""

    positions: Float32  # (V, 3) metres
    triangles: UInt32  # (T, 3) indices into the vertices
    normals: Float32 | None = None  # (V, 3) unit length
    uvs: Float32 | None = None  # (V, 2) v grows downwards
    tangents: Float32 | None = None  # (V, 4) unit xyz, w = +1 or -1 (bitangent sign)
    colors: Float32 | None = None  # (V, 4) linear RGBA
    joints: UInt16 | None = None  # (V, 4 or 8 ...) places in the skin's list of joints
    weights: Float32 | None = None  # as wide as ``joints``
    targets: tuple[MorphTarget, ...] = ()

    @property
    def triangle_count(self) -> int:
        return len(self.triangles)

    @property
    def vertex_count(self) -> int:
        return len(self.positions)


@dataclass(frozen=True, eq=False)
class Part:
    """One draw call: a mesh and its material."""

    mesh: Mesh
    material: Material
    name: str = "mesh"
    node: int = -1
    """The node of the rig that carries it; -1: none does."""
    skin: int = -1
    """The skin of the rig that bends it."""
    shape: int = -1
    """Parts that are morphed as one have the same number here, which channels refer to."""
    shape_weights: tuple[float, ...] = ()
    """How much of each morph target shows at rest; empty: none of any."""
    shape_names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Model:
    """What one GLB holds, flattened into world space.

    Parts on nodes stand where these are at rest, skinned ones as they were bound, with no morph
    target added; what is seen before an animation plays is :func:`.geometry.pose.at_rest`.
    """

    parts: tuple[Part, ...]
    name: str = "model"
    generator: str = "trellis-assets"
    copyright: str = ""
    extras: Mapping[str, Any] = field(default_factory=dict)
    """Written to ``asset.extras``: authorship, seed, generator."""
    rig: Rig | None = None
    """None: nothing moves."""

    @property
    def moves(self) -> bool:
        """A skin, a morph target or an animation changes it."""
        return self.rig is not None or any(part.mesh.targets for part in self.parts)

    @property
    def triangle_count(self) -> int:
        return sum(part.mesh.triangle_count for part in self.parts)

    @property
    def vertex_count(self) -> int:
        return sum(part.mesh.vertex_count for part in self.parts)

    def bounds(self) -> Float32:
        """Axis-aligned bounding box of the vertices as they are stored.

        Returns:
            (2, 3) float32: lower and upper corner in metres; zeros for a model without vertices.
        """
        corners = [
            np.stack([part.mesh.positions.min(axis=0), part.mesh.positions.max(axis=0)])
            for part in self.parts
            if part.mesh.vertex_count
        ]
        if not corners:
            return np.zeros((2, 3), np.float32)
        lower = np.min([box[0] for box in corners], axis=0)
        upper = np.max([box[1] for box in corners], axis=0)
        return np.stack([lower, upper]).astype(np.float32)
