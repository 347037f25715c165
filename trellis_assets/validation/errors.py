"""What keeps a check from running at all; what a check objects to is a Finding."""

from __future__ import annotations

from trellis_assets.errors import TrellisAssetsError


class ValidationError(TrellisAssetsError):
    """A check could not be carried out."""
