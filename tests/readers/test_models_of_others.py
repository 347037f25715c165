"""Models that this project did not make, through every packer: valid files."""

from __future__ import annotations

from pathlib import Path

import pytest

from trellis_assets.geometry import what_moves
from trellis_assets.gltf import model_to_glb
from trellis_assets.validation import validate_glbs

from .variants import ASKED, MODELS, ladder_of, variants_of

pytestmark = pytest.mark.slow


def _read(name: str) -> bytes:
    file = Path(MODELS, f"{name}.glb")
    if not file.is_file():
        pytest.skip(f"{file} is not here")
    return file.read_bytes()


@pytest.mark.parametrize("name", ["mech_100k_2048", "statue_500k_2048"])
def test_every_packer_writes_valid_files(name: str) -> None:
    variants = variants_of(*ladder_of(_read(name)))
    assert list(variants) == list(ASKED)
    assert [(key, one.findings) for key, one in variants.items() if not one.ok] == []
    files = {
        f"{key}/{path}": data
        for key, one in variants.items()
        for path, data in one.files.items()
        if path.endswith(".glb")
    }
    reports = validate_glbs(list(files.values()), timeout=300.0)
    assert {path: one.errors for path, one in zip(files, reports, strict=True) if one.errors} == {}


def test_a_model_with_a_skin_and_animations_keeps_them_in_every_rung() -> None:
    _, rungs = ladder_of(_read("stuffed"))
    assert {what_moves(rung.model) for rung in rungs} == {
        "a skin with 1 joint, 1 animation, 2 morph targets"
    }
    files = [model_to_glb(rung.model) for rung in rungs]
    assert [report.errors for report in validate_glbs(files)] == [0] * len(files)
