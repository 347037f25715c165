"""What may be spent: ``catalog/caps.yaml``, and the caps that hold where there is none."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from trellis_assets.store import Store

from .load import validated
from .yaml_file import read_yaml

CAPS_FILE = "caps.yaml"

_Usd = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class SpendingCaps(BaseModel):
    """The most that generation may cost, in US dollars; ``null`` lifts a cap."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_usd: _Usd | None = Field(
        default=5.0, description="One refresh, one backfill, or one run started in Dagster."
    )
    day_usd: _Usd | None = Field(default=20.0, description="One day of UTC, all workers together.")
    asset_usd: _Usd | None = Field(default=1.0, description="One game asset, over all time.")


def load_caps(catalog: Store) -> SpendingCaps:
    """The caps of the catalog; the default ones if it has no ``caps.yaml``.

    Raises:
        CatalogError: the file is wrong. Nothing is bought under caps that cannot be read.
    """
    if not catalog.exists(CAPS_FILE):
        return SpendingCaps()
    return validated(SpendingCaps, read_yaml(catalog, CAPS_FILE))


def caps_source(catalog: Store) -> str:
    """Where the caps come from, for messages."""
    file = catalog.location(CAPS_FILE)
    return file if catalog.exists(CAPS_FILE) else f"{file} (there is none: the default caps hold)"
