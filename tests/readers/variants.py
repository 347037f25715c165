"""What the reader tests open: variants of one generated model for every engine."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from trellis_assets.catalog import load_profiles
from trellis_assets.delivery import Rung, Variant, build_variant
from trellis_assets.geometry import build_lod, place, repair
from trellis_assets.gltf import Model, load_model
from trellis_assets.pipeline.nodes.delivery import _target
from trellis_assets.store import FolderStore
from trellis_assets.textures import make_texture_set

CATALOG = FolderStore(Path(__file__).parents[2] / "catalog")
MODELS = Path(__file__).parents[3] / "shared" / "models"
PROFILES = load_profiles(CATALOG)
ASKED = ("pc.prop", "unity.prop", "unreal.prop", "godot.prop", "roblox.mesh", "web.commerce")
_TEXELS = 1024


def ladder_of(generated: bytes) -> tuple[Model, list[Rung]]:
    """The master model, one metre high, and four rungs from 8,000 triangles down."""
    master = place(repair(load_model(generated)).model, height_m=1.0)
    lod = partial(build_lod, texture_size=_TEXELS)
    lod0 = lod(master, None, triangles=8000).model
    rungs = [Rung("lod0", lod0)]
    rungs += [Rung(f"lod{k}", lod(master, lod0, triangles=8000 >> k).model) for k in range(1, 4)]
    return master, rungs


def variants_of(master: Model, rungs: list[Rung]) -> dict[str, Variant]:
    """By profile, one at least for every engine."""
    made = {}
    for name in ASKED:
        profile = PROFILES.profiles[name]
        size = min(profile.texture_size.limit, _TEXELS)
        made[name] = build_variant(
            asset_id="thing",
            profile=_target(name, profile, PROFILES.sources),
            rungs=rungs,
            textures=make_texture_set(rungs[0].model, size=size),
            authorship={"generator": "embedded", "seed": 3},
            master=master,
        )
    return made
