"""What a prop is to the renderer: its shape as distances, and a material for each part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .vectors import Floats


@dataclass(frozen=True)
class Spot:
    """Points on a surface, as a material sees them."""

    point: Floats  # (3, N)
    normal: Floats  # (3, N), with the relief
    edge: Floats  # (N,) 0..1, near 1 on outer edges, where paint wears off
    cavity: Floats  # (N,) 0..1, near 1 in crevices, where dirt and moss gather
    height: Floats  # (N,) the material's relief there


@dataclass(frozen=True)
class Surface:
    """How points reflect light; colours are linear."""

    color: Floats  # (3, N)
    roughness: Floats  # (N,)
    metallic: Floats  # (N,)
    glow: Floats | None = None  # (3, N) light of its own


@dataclass(frozen=True)
class Material:
    """A relief too fine for the shape, in units of the scene, and the surface over it."""

    surface: Callable[[Spot], Surface]
    relief: Callable[[Floats], Floats] | None = None


@dataclass(frozen=True)
class Prop:
    """One drawable thing, about two units high, y up, its front towards +z."""

    parts: Callable[[Floats], Sequence[Floats]]  # one distance per material
    materials: Sequence[Material]
    elevation: float = 6.0  # degrees that the camera stands above the horizon
    caution: float = 0.9  # share of a distance that is safe to step; less where shapes are bent
