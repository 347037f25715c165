"""Meshes: repair, place, simplify, unwrap, bake, measure. Knows arrays and models, no files.

The public names are loaded when first used: solvers and ray tracing take a third of a second to
import, and whoever only simplifies (``geometry.meshopt``) needs neither.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._errors import (
        EmptyModel,
        FloorReached,
        GeometryError,
        InvalidMesh,
        MovingModel,
        ShrunkenResult,
        UnwrapFailed,
    )
    from .impostor import Impostor, impostor
    from .ladder import LodResult, build_ladder, build_lod
    from .likeness import ColourDeviation, colour_deviation
    from .measure import Deviation, deviation, mesh_statistics, uv_patches
    from .moving import pose_deviation
    from .place import InvalidPlacement, place
    from .rebuild import Rebuilt, rebuild
    from .reduce import Reduced, reduce
    from .repair import Repaired, RepairSettings, repair
    from .what_moves import what_moves

__all__ = [
    "ColourDeviation",
    "Deviation",
    "EmptyModel",
    "FloorReached",
    "GeometryError",
    "Impostor",
    "InvalidMesh",
    "InvalidPlacement",
    "LodResult",
    "MovingModel",
    "Rebuilt",
    "Reduced",
    "RepairSettings",
    "Repaired",
    "ShrunkenResult",
    "UnwrapFailed",
    "build_ladder",
    "build_lod",
    "colour_deviation",
    "deviation",
    "impostor",
    "mesh_statistics",
    "place",
    "pose_deviation",
    "rebuild",
    "reduce",
    "repair",
    "uv_patches",
    "what_moves",
]

_MODULES = (
    "_errors",
    "impostor",
    "ladder",
    "likeness",
    "measure",
    "moving",
    "place",
    "rebuild",
    "reduce",
    "repair",
    "what_moves",
)


class _Package(ModuleType):
    """Keeps ``geometry.repair`` the function when the module of that name is imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in __all__ or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        for module in map(import_module, (f"{__name__}.{part}" for part in _MODULES)):
            globals().update({key: vars(module)[key] for key in __all__ if key in vars(module)})
        return globals()[name]
