"""The pipeline as Dagster sees it: catalog, store and generator, one setting each."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from trellis_assets.catalog import Profiles, load_entry, load_profiles, load_waivers
from trellis_assets.pipeline.node import Brief
from trellis_assets.store import Store, open_store


class PipelineResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where things are and who generates; see the environment variables in the README."""

    catalog: str
    store: str
    generator: str
    in_flight: int = 4

    def open_store(self) -> Store:
        """The artefact store, a folder or an S3 prefix."""
        return open_store(self.store)

    def profiles(self) -> Profiles:
        """The target profiles, as they stand now."""
        return load_profiles(Path(self.catalog))

    def brief(self, asset_id: str) -> Brief:
        """All that decides how one game asset is made; reads its entry, no other."""
        profiles = self.profiles()
        entry = load_entry(Path(self.catalog), asset_id, profiles)
        folder = Path(self.catalog)
        return Brief(entry, profiles, folder, self.generator, waivers=load_waivers(folder))
