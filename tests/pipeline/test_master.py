"""The master model: which faults are mended is the entry's choice."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from trellis_assets.geometry import RepairSettings
from trellis_assets.gltf import model_to_glb
from trellis_assets.pipeline.node import Json, Workplace
from trellis_assets.pipeline.nodes.geometry import MASTER_MODEL
from trellis_assets.store import FolderStore

from ..geometry import shapes
from .studio import brief


def pieces_of_master(folder: Path, **fields: Json) -> int:
    """Make the master of a ball with a speck beside it; returns how many pieces it has."""
    ball, faces = shapes.icosphere(2)
    speck = ball * np.float32(0.005) + np.float32(1.5)
    model = shapes.painted(
        np.concatenate([ball, speck]), np.concatenate([faces, faces + len(ball)]), size=64
    )
    store = FolderStore(folder)
    store.write("assets/oak_barrel/generated.glb", model_to_glb(model))
    asset = brief(**fields)
    settings = MASTER_MODEL.settings(asset)
    assert settings is not None
    made = MASTER_MODEL.make(Workplace(asset, settings, store, lambda *_: None))
    return int(made.facts["components"])


def test_a_step_of_the_repair_can_be_turned_off_for_one_game_asset(tmp_path: Path) -> None:
    assert pieces_of_master(tmp_path) == 1
    assert pieces_of_master(tmp_path, repair={"floaters": 0}) == 2


def test_an_entry_that_says_nothing_gets_the_usual_repair() -> None:
    assert brief().entry.repair.model_dump() == asdict(RepairSettings())
