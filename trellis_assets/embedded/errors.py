"""Why the embedded generator refuses."""

from __future__ import annotations

from typing import ClassVar

from trellis_assets.errors import TrellisAssetsError


class EmbeddedError(TrellisAssetsError):
    """The embedded generator cannot make a model."""

    code: ClassVar[str] = "embedded_failed"


class InvalidSetting(EmbeddedError):
    """A setting has the wrong type or is out of range."""

    code: ClassVar[str] = "invalid_setting"
