"""One file per engine: a table of its conventions, and what is packed beside the GLBs for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from . import generic, godot, roblox, unity, unreal, web
from .engine import Contents, EngineNaming, Sidecar

Packer = Callable[[Contents], Sequence[Sidecar]]

_ENGINES = (generic, unity, unreal, godot, roblox, web)
ENGINES: Mapping[str, EngineNaming] = {engine.NAMING.engine: engine.NAMING for engine in _ENGINES}
PACKERS: Mapping[str, Packer] = {engine.NAMING.engine: engine.pack for engine in _ENGINES}

__all__ = ["ENGINES", "PACKERS", "Contents", "EngineNaming", "Packer", "Sidecar"]
