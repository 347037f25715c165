"""The root of every exception this package raises on purpose.

    TrellisAssetsError
    ├── gltf.GltfError               a file that is not the glTF it claims to be
    ├── catalog.CatalogError         an entry, profile or waiver that cannot be used
    ├── concepts.ConceptError        a concept image that cannot become a model
    ├── trellis2.TrellisError        the generation API refused, failed or could not be reached
    ├── geometry.GeometryError       a mesh that cannot be repaired, reduced or baked
    ├── textures.TextureError        a texture that cannot be decoded, resized or encoded
    ├── validation.ValidationError   a check that could not be carried out
    ├── delivery.DeliveryError       a variant that cannot be built
    ├── uploads.UploadRefused        an uploaded image that cannot become a game asset
    ├── node_tools.NodeToolError     a tool from npm is missing or failed
    └── store.StoreError             an artefact that cannot be read or written

Each one carries, besides its message, what the reader can do about it.
"""

from __future__ import annotations


class TrellisAssetsError(Exception):
    """An expected failure, worded for the person who has to act on it.

    ``str(error)`` is one readable line: what happened and, when known, how to mend it.
    """

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message}. Fix: {self.fix}" if self.fix else self.message
