"""JSON Schemas of the YAML files, so that editors complete and check while one types."""

from __future__ import annotations

from typing import Any

from .entry import Entry
from .profile import Profiles

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def entry_schema() -> dict[str, Any]:
    """The schema of ``catalog/assets/<asset_id>.yaml``."""
    return {"$schema": _DIALECT, **Entry.model_json_schema(by_alias=True)}


def profiles_schema() -> dict[str, Any]:
    """The schema of ``catalog/profiles.yaml``."""
    return {"$schema": _DIALECT, **Profiles.model_json_schema(by_alias=True)}
