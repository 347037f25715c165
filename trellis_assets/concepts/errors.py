"""Why a concept image cannot become a model.

Each class carries a stable ``code`` that reports, checks and the embedded server repeat.
"""

from __future__ import annotations

from typing import ClassVar

from trellis_assets.errors import TrellisAssetsError


class ConceptError(TrellisAssetsError):
    """A concept image that cannot become a model."""

    code: ClassVar[str] = "concept_invalid"


class ImageUndecodable(ConceptError):
    """The bytes are not a picture of a known format, or the file is damaged."""

    code: ClassVar[str] = "image_undecodable"


class ImageTooSmall(ConceptError):
    """There are too few pixels to see an object in."""

    code: ClassVar[str] = "image_too_small"


class ImageTooLarge(ConceptError):
    """The picture would need more memory than one concept may use."""

    code: ClassVar[str] = "image_too_large"


class NoForeground(ConceptError):
    """Nothing stands out from the background: an empty alpha channel or one flat colour."""

    code: ClassVar[str] = "no_foreground"
