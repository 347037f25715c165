"""A number that binds, and the page it comes from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Limit(BaseModel):
    """A budget and where it was published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: int = Field(gt=0, description="The largest value that is still accepted.")
    source: str = Field(description="Key in `sources` of profiles.yaml.")
