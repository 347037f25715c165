"""JSON Schemas of the YAML files, so that editors complete and check while one types."""

from __future__ import annotations

import json
from typing import Any

from trellis_assets.store import Store

from .automation import Automation
from .caps import SpendingCaps
from .entry import Entry
from .profile import Profiles
from .waivers import Waivers

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def entry_schema() -> dict[str, Any]:
    """The schema of ``catalog/assets/<asset_id>.yaml``."""
    # The API's settings answer to its camelCase names as well; the catalog writes snake_case.
    schema = Entry.model_json_schema(by_alias=False)
    fields = {info.alias or name: name for name, info in Entry.model_fields.items()}
    schema["properties"] = {shown: schema["properties"][name] for shown, name in fields.items()}
    schema["required"] = [shown for shown, name in fields.items() if name in schema["required"]]
    return {"$schema": _DIALECT, **schema}


def profiles_schema() -> dict[str, Any]:
    """The schema of ``catalog/profiles.yaml``."""
    return {"$schema": _DIALECT, **Profiles.model_json_schema(by_alias=True)}


def caps_schema() -> dict[str, Any]:
    """The schema of ``catalog/caps.yaml``."""
    return {"$schema": _DIALECT, **SpendingCaps.model_json_schema()}


def automation_schema() -> dict[str, Any]:
    """The schema of ``catalog/automation.yaml``."""
    return {"$schema": _DIALECT, **Automation.model_json_schema(by_alias=True)}


def waivers_schema() -> dict[str, Any]:
    """The schema of ``catalog/waivers.yaml``."""
    return {"$schema": _DIALECT, **Waivers.model_json_schema()}


def write_schemas(catalog: Store) -> list[str]:
    """Write the schemas into the catalog's ``schema`` folder; returns where they are."""
    schemas = {
        "entry": entry_schema(),
        "profiles": profiles_schema(),
        "caps": caps_schema(),
        "automation": automation_schema(),
        "waivers": waivers_schema(),
    }
    written = []
    for name, schema in schemas.items():
        key = f"schema/{name}.schema.json"
        catalog.write(key, (json.dumps(schema, indent=2) + "\n").encode())
        written.append(catalog.location(key))
    return written
