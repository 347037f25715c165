"""The drawable props, each in the module of its name."""

from __future__ import annotations

from importlib import import_module

from ..prop import Prop

# The sample catalog's, by asset id.
IDS = ("amphora", "battle_axe", "iron_lantern", "oak_barrel", "stone_guardian", "toadstool")
# In no catalog: they show the embedded generator what the samples do not.
STUDIES = (
    "cauldron",  # an open vessel from above
    "clockwork_robot",  # a figure
    "kite_shield",  # a flat thing
    "potted_fern",  # thin foliage
    "teapot",  # a handle, a spout
    "treasure_chest",  # a box at an angle
)


def prop_of(name: str) -> Prop:
    """The prop of one of `IDS` or `STUDIES`. Imported when asked for: some bake their outlines."""
    prop = getattr(import_module(f".{name}", __name__), name.upper())
    if not isinstance(prop, Prop):
        raise TypeError(f"{name}.{name.upper()} is no Prop")
    return prop
