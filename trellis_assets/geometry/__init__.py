"""Meshes: repair, place, simplify, unwrap, bake, measure. Knows arrays and models, no files."""

from __future__ import annotations

from ._errors import (
    EmptyModel,
    FloorReached,
    GeometryError,
    InvalidMesh,
    ShrunkenResult,
    UnwrapFailed,
)
from .ladder import LodResult, build_lod
from .likeness import ColourDeviation, colour_deviation
from .measure import Deviation, deviation, mesh_statistics, uv_patches
from .place import InvalidPlacement, place
from .rebuild import Rebuilt, rebuild
from .reduce import Reduced, reduce
from .repair import Repaired, RepairSettings, repair

__all__ = [
    "ColourDeviation",
    "Deviation",
    "EmptyModel",
    "FloorReached",
    "GeometryError",
    "InvalidMesh",
    "InvalidPlacement",
    "LodResult",
    "Rebuilt",
    "Reduced",
    "RepairSettings",
    "Repaired",
    "ShrunkenResult",
    "UnwrapFailed",
    "build_lod",
    "colour_deviation",
    "deviation",
    "mesh_statistics",
    "place",
    "rebuild",
    "reduce",
    "repair",
    "uv_patches",
]
