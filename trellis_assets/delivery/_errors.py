"""What stops a variant from being built."""

from __future__ import annotations

from trellis_assets.errors import TrellisAssetsError


class DeliveryError(TrellisAssetsError):
    """A variant that cannot be built at all; a budget that is merely missed is a finding."""
