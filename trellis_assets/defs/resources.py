"""The pipeline as Dagster sees it: catalog, store and generator, one setting each."""

from __future__ import annotations

import dagster as dg

from trellis_assets.catalog import Profiles, load_entry, load_profiles, load_waivers
from trellis_assets.pipeline.node import Brief
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.store import Store, open_store


class PipelineResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where things are and who generates; see the environment variables in the README."""

    catalog: str
    store: str
    generator: str
    uploads: str = ""
    uploads_queue: str = ""
    in_flight: int = 4

    def open_store(self) -> Store:
        """The artefact store, a folder or an S3 prefix."""
        return open_store(self.store)

    def open_catalog(self) -> Store:
        """The catalog, a folder or an S3 prefix as well."""
        return open_store(self.catalog)

    def settings(self) -> PipelineSettings:
        """The same as the planner and the command line take it."""
        return PipelineSettings(
            catalog=self.open_catalog(),
            store=self.store,
            uploads=self.uploads,
            generator=self.generator,
            in_flight=self.in_flight,
            uploads_queue=self.uploads_queue,
        )

    def profiles(self) -> Profiles:
        """The target profiles, as they stand now."""
        return load_profiles(self.open_catalog())

    def brief(self, asset_id: str) -> Brief:
        """All that decides how one game asset is made; reads its entry, no other."""
        catalog = self.open_catalog()
        profiles = load_profiles(catalog)
        entry = load_entry(catalog, asset_id, profiles)
        return Brief(entry, profiles, catalog, self.generator, waivers=load_waivers(catalog))
