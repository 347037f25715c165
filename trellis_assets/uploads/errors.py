"""What can be wrong with an upload, worded for the artist who made it."""

from __future__ import annotations

from trellis_assets.errors import TrellisAssetsError


class UploadRefused(TrellisAssetsError):
    """An upload that can never become a game asset as it is; it goes to the quarantine."""


class UploadBusy(TrellisAssetsError):
    """Somebody else is writing the same files of the catalog; a later look tries again."""


class CannotReadUploads(TrellisAssetsError):
    """The folder, bucket or queue itself refuses: no permission, no connection."""
