"""What can be wrong with a GLB."""

from __future__ import annotations

from trellis_assets.errors import TrellisAssetsError


class GltfError(TrellisAssetsError):
    """A file that cannot be read or written as glTF."""


class MalformedGlb(GltfError):
    """The bytes break the glTF 2.0 specification: truncated, out of bounds, not a GLB at all."""


class UnsupportedGlb(GltfError):
    """Valid glTF that a :class:`~trellis_assets.gltf.Model` cannot hold without loss."""


class BrokenTexture(UnsupportedGlb):
    """A texture that leads to no picture; the message names material and slot, so do the fields."""

    def __init__(self, message: str, *, material: str, slot: str, fix: str) -> None:
        super().__init__(f"material {material!r}, {slot} texture: {message}", fix=fix)
        self.material = material
        self.slot = slot
