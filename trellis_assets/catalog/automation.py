"""What happens by itself: ``catalog/automation.yaml``, and what holds where there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from trellis_assets.store import Store

from .entry import AssetClass
from .load import validated
from .yaml_file import read_yaml

AUTOMATION_FILE = "automation.yaml"

# minute, hour, day of month, month, day of week
_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_CRON_PART = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?\Z")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RefreshAutomation(_Frozen):
    """The catalog refresh: the schedule that makes what is out of date."""

    enabled: bool = Field(
        default=True,
        description="Whether the schedule runs without being switched on in Dagster.",
    )
    cron: str = Field(
        default="0 2 * * *",
        description="When, as minute, hour, day of month, month and day of week: numbers, '*', "
        "'1-5', '*/2', '1,15'.",
    )
    timezone: str = Field(default="UTC", description="IANA name, for example Europe/Berlin.")
    batch: int = Field(
        default=250,
        ge=1,
        le=2000,
        description="Runs that one tick requests; what is left comes with the next tick.",
    )

    retire_at_most: int = Field(
        default=25,
        ge=0,
        le=100_000,
        description="Game assets retired at once because their entries are gone; if more are gone, "
        "none is, since a catalog that is only half there looks the same.",
    )

    @field_validator("cron")
    @classmethod
    def _is_a_cron_line(cls, cron: str) -> str:
        fields = cron.split()
        if len(fields) != len(_CRON_RANGES) or not all(
            _cron_field_is_good(field, low, high)
            for field, (low, high) in zip(fields, _CRON_RANGES, strict=False)
        ):
            raise ValueError("must be five cron fields, for example `0 2 * * *` for 2 at night")
        return " ".join(fields)

    @field_validator("timezone")
    @classmethod
    def _is_a_timezone(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("must be an IANA timezone, for example Europe/Berlin") from None
        return timezone


_USUAL_PROFILES: Mapping[AssetClass, tuple[str, ...]] = {
    "prop": ("mobile.prop", "pc.prop"),
    "hero": ("mobile.hero", "pc.hero"),
    "background": ("pc.background",),
    "setpiece": ("fortnite.setpiece",),
    "accessory": ("roblox.accessory",),
}


class UploadAutomation(_Frozen):
    """The upload sensor, and what an uploaded image becomes where neither its folder nor a sidecar
    says otherwise.
    """

    enabled: bool = Field(
        default=True, description="Whether the sensor runs without being switched on in Dagster."
    )
    interval_s: int = Field(
        default=10, ge=5, le=86_400, description="Seconds between two looks at the uploads."
    )
    per_look: int = Field(
        default=50, ge=1, le=500, description="New images that one look takes in at most."
    )
    settle_s: float = Field(
        default=5,
        ge=0,
        le=3600,
        description="Seconds for which a file in a folder must not have changed before it is read.",
    )
    patience_s: float = Field(
        default=30,
        ge=0,
        le=86_400,
        description="Seconds for which an image that cannot be read must not have changed before "
        "it goes to the quarantine: a slow copy may still be under way.",
    )

    asset_class: AssetClass = Field(default="prop", alias="class", description="Role in the game.")
    profiles: tuple[str, ...] = Field(
        default=(), description="Target profiles; left out: the usual ones of the class."
    )
    usual_profiles: Mapping[AssetClass, tuple[str, ...]] = Field(
        default=_USUAL_PROFILES, description="Target profiles by class."
    )
    height_m: float = Field(default=1.0, gt=0, le=1000, description="Real height in metres.")
    owner: str = Field(
        default="unassigned", min_length=1, max_length=120, description="Who answers for it."
    )
    license: str = Field(
        default="unknown", min_length=1, max_length=200, description="Licence of the image."
    )


class Notifications(_Frozen):
    """Messages to a chat; their address is a secret and comes from the environment."""

    enabled: bool = Field(
        default=False,
        description="Whether messages are posted to the address in TRELLIS_ASSETS_NOTIFY_URL.",
    )
    run_failures: bool = Field(default=True, description="Tell of runs that failed.")
    report: bool = Field(default=True, description="Tell the outcome of each catalog report.")
    timeout_s: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = Field(
        default=10.0, description="Seconds after which a message is given up."
    )


class Automation(_Frozen):
    """``catalog/automation.yaml``; every part may be left out."""

    refresh: RefreshAutomation = RefreshAutomation()
    uploads: UploadAutomation = UploadAutomation()
    notifications: Notifications = Notifications()


def load_automation(catalog: Store) -> Automation:
    """The automation of the catalog; the default one if it has no ``automation.yaml``.

    Raises:
        CatalogError: the file is wrong.
    """
    if not catalog.exists(AUTOMATION_FILE):
        return Automation()
    return validated(Automation, read_yaml(catalog, AUTOMATION_FILE))


def _cron_field_is_good(field: str, low: int, high: int) -> bool:
    return all(_cron_part_is_good(part, low, high) for part in field.split(","))


def _cron_part_is_good(part: str, low: int, high: int) -> bool:
    found = _CRON_PART.match(part)
    if found is None:
        return False
    first, last, step = (None if group is None else int(group) for group in found.groups())
    if step is not None and not 1 <= step <= high:
        return False
    if first is None:
        return True
    return low <= first <= (first if last is None else last) <= high
