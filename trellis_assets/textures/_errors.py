"""What can be wrong with a texture."""

from __future__ import annotations

from trellis_assets.errors import TrellisAssetsError


class TextureError(TrellisAssetsError):
    """A texture that cannot be decoded, resized or encoded.

    The message names material and slot; ``material`` and ``slot`` hold them for a report.
    """

    def __init__(self, message: str, *, material: str, slot: str, fix: str) -> None:
        super().__init__(f"material {material!r}, {slot} texture: {message}", fix=fix)
        self.material = material
        self.slot = slot


class CorruptTexture(TextureError):
    """The bytes are no complete picture of the format they claim."""


class WrongTextureType(TextureError):
    """The declared MIME type and the bytes disagree, or the format is none that glTF allows."""


class UnsupportedTexture(TextureError):
    """A sound picture of a kind that engines do not read: CMYK, 16 bits per channel, animated."""


class TextureTooLarge(TextureError):
    """More pixels on a side than this program decodes."""


class SeveralMaterials(TextureError):
    """A texture set is asked of a model whose parts do not share one material."""
