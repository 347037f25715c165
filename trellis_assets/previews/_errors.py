"""What can go wrong while a picture is made."""

from __future__ import annotations

from trellis_assets.errors import TrellisAssetsError


class PreviewError(TrellisAssetsError):
    """A model or picture that cannot be shown."""


class UnrenderableModel(PreviewError):
    """Nothing to show: no triangles, or vertices that are not finite."""


class UndecodableTexture(PreviewError):
    """A texture whose bytes cannot be turned into pixels here (corrupt or too large)."""


class PictureTooLarge(PreviewError):
    """A picture that does not fit the asked number of bytes at any acceptable quality."""
