"""What a variant has to say of the ladder it is cut from, which its profile does not decide."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from trellis_assets.catalog import Profile

from ..node import Brief, Json, Workplace
from .appearance import LOOKS_FILE
from .geometry import rung_triangles

if TYPE_CHECKING:
    from trellis_assets.finding import Finding
    from trellis_assets.gltf import Model

_MUCH = 2.0
"""Times the triangles of LOD0 that a profile allows before it is worth a word."""


def short_ladder(brief: Brief, profile: Profile) -> dict[str, Json]:
    """Which number to raise, as a setting, where the ladder is far below the profile's budget.

    Nothing for an entry that says `lods.triangles`: somebody chose that number.
    """
    asked = rung_triangles(brief, 0)
    if brief.entry.lods.triangles or profile.lod0_limit.limit <= _MUCH * asked:
        return {}
    return {"short_ladder": f"classes.{brief.entry.asset_class}.triangles"}


def unused_budget(work: Workplace, profile: Profile, master: Model, lod0: Model) -> list[Finding]:
    """An info where LOD0 has far fewer triangles than the profile allows and the master has."""
    from trellis_assets.finding import Finding

    limit = profile.lod0_limit
    usable = min(limit.limit, master.triangle_count)
    if "short_ladder" not in work.settings or usable <= _MUCH * lod0.triangle_count:
        return []
    return [
        Finding(
            rule="delivery.unused_budget",
            severity="info",
            where="LOD0",
            message=f"LOD0 has {lod0.triangle_count:,} triangles, the profile allows "
            f"{limit.limit:,}",
            why="all profiles of a game asset share one ladder, whose size is that of its class",
            fix=f"raise lods.triangles of the entry, or {work.settings['short_ladder']} in "
            "profiles.yaml for the whole class, if it should show more",
            measured=lod0.triangle_count,
            limit=limit.limit,
            source=work.settings["sources"][limit.source],
        )
    ]


def own_look(work: Workplace, name: str, profile: Profile) -> list[Finding]:
    """Objections to how the ladder looks, by the limits that this profile sets itself."""
    if not profile.look.model_fields_set:
        return []
    from trellis_assets.validation.look_findings import look_findings
    from trellis_assets.validation.looks import Looks

    looks = Looks.from_json(json.loads(work.read(LOOKS_FILE)))
    looks = replace(looks, rungs=looks.rungs[: profile.rungs])
    found = look_findings(looks, profile.look.only_set())
    return [replace(finding, source=f"`look` of profile {name}") for finding in found]
