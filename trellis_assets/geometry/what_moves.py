"""What moves a model, in the words that people are told it by."""

from __future__ import annotations

from trellis_assets.gltf import Model


def what_moves(model: Model) -> str:
    """``a skin with 24 joints, 3 animations, 52 morph targets``; empty for a static model."""
    shapes = sum({part.shape: len(part.mesh.targets) for part in model.parts}.values())
    targets = f"{shapes} morph target{'' if shapes == 1 else 's'}" if shapes else ""
    said = ", ".join(filter(None, [str(model.rig) if model.rig else "", targets]))
    return said or ("moving nodes" if model.moves else "")
