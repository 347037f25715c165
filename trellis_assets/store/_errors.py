"""What can go wrong between us and the artefacts."""

from __future__ import annotations

from trellis_assets.errors import TrellisAssetsError


class StoreError(TrellisAssetsError):
    """An artefact could not be read or written."""


class NotStored(StoreError):
    """There is no artefact under this key."""


class InvalidKey(StoreError):
    """The key could leave the store or name two things at once."""


class StoreUnavailable(StoreError):
    """The folder or bucket itself refuses: missing, full, no permission, no connection."""
