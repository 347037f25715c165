"""The six sample props, by asset id; each in the module of its name."""

from __future__ import annotations

from importlib import import_module

from ..prop import Prop

IDS = ("amphora", "battle_axe", "iron_lantern", "oak_barrel", "stone_guardian", "toadstool")


def prop_of(asset_id: str) -> Prop:
    """The prop of one of `IDS`. Imported when asked for: some bake their outlines on import."""
    prop = getattr(import_module(f".{asset_id}", __name__), asset_id.upper())
    if not isinstance(prop, Prop):
        raise TypeError(f"{asset_id}.{asset_id.upper()} is no Prop")
    return prop
