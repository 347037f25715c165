"""Where catalog, store and uploads are and who generates: read from the environment once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.store import Store, open_store

GENERATORS = ("embedded", "runware")


class SettingsError(TrellisAssetsError):
    """An environment variable has a value that cannot be used."""


@dataclass(frozen=True)
class PipelineSettings:
    """One field for each variable; the defaults suit a checkout on one machine."""

    catalog: Store
    """A folder or an S3 prefix; nothing is read before it is needed."""
    store: str
    uploads: str
    generator: str
    uploads_queue: str = ""
    """URL of an SQS queue with the notifications of the uploads' bucket; empty: list it."""
    in_flight: int = 4
    """Generation tasks at the service at any one time, for each run that has several."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> PipelineSettings:
        """Read the ``TRELLIS_ASSETS_*`` variables.

        Raises:
            SettingsError: an unknown generator, or a number that is none.
            StoreError: the catalog is neither a folder nor an S3 prefix.
        """
        generator = environment.get("TRELLIS_ASSETS_GENERATOR", "embedded")
        if generator not in GENERATORS:
            raise SettingsError(
                f"TRELLIS_ASSETS_GENERATOR is {generator!r}",
                fix=f"set it to one of {', '.join(GENERATORS)}",
            )
        in_flight = environment.get("TRELLIS_ASSETS_IN_FLIGHT") or "4"
        if not in_flight.isdecimal() or not 1 <= int(in_flight) <= 64:
            raise SettingsError(
                f"TRELLIS_ASSETS_IN_FLIGHT is {in_flight!r}", fix="set it to a number from 1 to 64"
            )
        return cls(
            catalog=open_store(environment.get("TRELLIS_ASSETS_CATALOG", "catalog")),
            store=environment.get("TRELLIS_ASSETS_STORE", ".trellis/store"),
            uploads=environment.get("TRELLIS_ASSETS_UPLOADS", ".trellis/uploads"),
            uploads_queue=environment.get("TRELLIS_ASSETS_UPLOADS_QUEUE", ""),
            generator=generator,
            in_flight=int(in_flight),
        )
