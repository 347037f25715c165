"""The catalog: what the studio wants made, as reviewed YAML turned into frozen models."""

from __future__ import annotations

from .automation import (
    Automation,
    Notifications,
    RefreshAutomation,
    UploadAutomation,
    load_automation,
)
from .caps import SpendingCaps, caps_source, load_caps
from .entry import AssetClass, Entry, Generation, LodSettings, Placement, Repair
from .errors import CatalogError, CatalogProblem
from .limit import Limit
from .load import (
    Catalog,
    concept_key,
    entry_key,
    load_catalog,
    load_entry,
    load_profiles,
    model_key,
    source_key,
)
from .profile import Profile, Profiles
from .schema import (
    automation_schema,
    caps_schema,
    entry_schema,
    profiles_schema,
    waivers_schema,
    write_schemas,
)
from .waivers import Waiver, load_waivers
from .write import asset_id_from, write_entry

__all__ = [
    "AssetClass",
    "Automation",
    "Catalog",
    "CatalogError",
    "CatalogProblem",
    "Entry",
    "Generation",
    "Limit",
    "LodSettings",
    "Notifications",
    "Placement",
    "Profile",
    "Profiles",
    "RefreshAutomation",
    "Repair",
    "SpendingCaps",
    "UploadAutomation",
    "Waiver",
    "asset_id_from",
    "automation_schema",
    "caps_schema",
    "caps_source",
    "concept_key",
    "entry_key",
    "entry_schema",
    "load_automation",
    "load_caps",
    "load_catalog",
    "load_entry",
    "load_profiles",
    "load_waivers",
    "model_key",
    "profiles_schema",
    "source_key",
    "waivers_schema",
    "write_entry",
    "write_schemas",
]
