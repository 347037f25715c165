"""JSON Schemas of the YAML files, so that editors complete and check while one types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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


def waivers_schema() -> dict[str, Any]:
    """The schema of ``catalog/waivers.yaml``."""
    return {"$schema": _DIALECT, **Waivers.model_json_schema()}


def write_schemas(folder: Path) -> list[Path]:
    """Write the schemas into ``folder/schema``; returns the files."""
    target = folder / "schema"
    target.mkdir(parents=True, exist_ok=True)
    written = []
    schemas = {
        "entry": entry_schema(),
        "profiles": profiles_schema(),
        "caps": caps_schema(),
        "waivers": waivers_schema(),
    }
    for name, schema in schemas.items():
        file = target / f"{name}.schema.json"
        file.write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
        written.append(file)
    return written
