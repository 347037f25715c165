"""A limit and the page it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """An upper limit and where the number comes from."""

    limit: int
    source: str


@dataclass(frozen=True)
class CollisionBudget:
    """How many convex hulls a target wants, and how many vertices each may have."""

    hulls: Budget
    vertices: Budget
