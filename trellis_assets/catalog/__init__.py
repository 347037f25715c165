"""The catalog: what the studio wants made, as reviewed YAML turned into frozen models."""

from __future__ import annotations

from .caps import SpendingCaps, caps_source, load_caps
from .entry import AssetClass, Entry, Generation, LodSettings, Placement, Repair
from .errors import CatalogError, CatalogProblem
from .load import Catalog, load_catalog, load_entry, load_profiles
from .profile import Limit, Profile, Profiles
from .schema import caps_schema, entry_schema, profiles_schema, write_schemas
from .write import asset_id_from, write_entry

__all__ = [
    "AssetClass",
    "Catalog",
    "CatalogError",
    "CatalogProblem",
    "Entry",
    "Generation",
    "Limit",
    "LodSettings",
    "Placement",
    "Profile",
    "Profiles",
    "Repair",
    "SpendingCaps",
    "asset_id_from",
    "caps_schema",
    "caps_source",
    "entry_schema",
    "load_caps",
    "load_catalog",
    "load_entry",
    "load_profiles",
    "profiles_schema",
    "write_entry",
    "write_schemas",
]
