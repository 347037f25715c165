"""The catalog: what the studio wants made, as reviewed YAML turned into frozen models."""

from __future__ import annotations

from .entry import AssetClass, Entry, Generation, LodSettings, Placement
from .errors import CatalogError, CatalogProblem
from .load import Catalog, load_catalog, load_entry, load_profiles
from .profile import Limit, Profile, Profiles
from .schema import entry_schema, profiles_schema, write_schemas
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
    "asset_id_from",
    "entry_schema",
    "load_catalog",
    "load_entry",
    "load_profiles",
    "profiles_schema",
    "write_entry",
    "write_schemas",
]
