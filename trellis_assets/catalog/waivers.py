"""Findings that somebody accepted: ``catalog/waivers.yaml``."""

from __future__ import annotations

from datetime import date
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from trellis_assets.store import Store

from .load import validated
from .profile import ProfileName
from .yaml_file import read_yaml

WAIVERS_FILE = "waivers.yaml"

_RuleId = Annotated[str, Field(pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+)+$")]
_AssetGlob = Annotated[str, Field(pattern=r"^[a-z0-9_*?-]{1,64}$")]
_StepGlob = Annotated[str, Field(pattern=r"^[a-z0-9_./*?-]{1,80}$")]


class Waiver(BaseModel):
    """One kind of finding that is accepted in one place until a day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: _RuleId = Field(description="Id of the finding, for example uv.overlap; one kind each.")
    asset: _AssetGlob = Field(description="asset_id; * and ? stand for any text and letter.")
    profile: ProfileName | None = Field(
        default=None, description="Only in the variant of this target profile."
    )
    step: _StepGlob | None = Field(
        default=None, description="Only in this step: lod0, lod*, master_model, variants/pc.*"
    )
    node: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="Only in this node of the model, by its name; * and ? as above."
    )
    owner: str = Field(min_length=1, max_length=120, description="Who accepted it.")
    reason: str = Field(min_length=1, max_length=500, description="Why it does no harm here.")
    expires: date = Field(description="The last day on which it holds (UTC).")

    @model_validator(mode="after")
    def _one_place(self) -> Waiver:
        if self.profile and self.step:
            raise ValueError("names a profile and a step; a profile is the step variants/<profile>")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on ``day``."""
        return day <= self.expires

    def concerns(self, asset_id: str, step: str) -> bool:
        """Whether a step of a game asset is in its scope."""
        if not fnmatchcase(asset_id, self.asset):
            return False
        if self.profile:
            return step == f"variants/{self.profile}"
        return self.step is None or fnmatchcase(step, self.step)

    def accepts(self, rule: str, node: str) -> bool:
        """Whether it is meant for what ``rule`` found in the model's node of this name."""
        return rule == self.rule and (self.node is None or fnmatchcase(node, self.node))

    @property
    def scope(self) -> str:
        """Where it holds, in words."""
        step = f"variants/{self.profile}" if self.profile else self.step
        node = f"node {self.node}" if self.node else None
        return ", ".join(part for part in (self.asset, step, node) if part)


class Waivers(BaseModel):
    """``catalog/waivers.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    waivers: tuple[Waiver, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Waivers:
        seen = set()
        for waiver in self.waivers:
            key = (waiver.rule, waiver.scope)
            if key in seen:
                raise ValueError(f"waives {waiver.rule} twice for {waiver.scope}")
            seen.add(key)
        return self


def load_waivers(catalog: Store) -> tuple[Waiver, ...]:
    """The waivers of the catalog, expired ones too; none if it has no ``waivers.yaml``.

    Raises:
        CatalogError: the file is wrong. Nothing is let through under waivers that cannot be read.
    """
    if not catalog.exists(WAIVERS_FILE):
        return ()
    return validated(Waivers, read_yaml(catalog, WAIVERS_FILE)).waivers
