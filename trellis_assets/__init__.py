"""Concept images to game-ready 3D assets, as a Dagster pipeline."""

from __future__ import annotations

__version__ = "0.1.0"

__all__ = ["__version__"]
