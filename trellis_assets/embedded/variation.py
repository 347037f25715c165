"""What one view cannot tell, drawn from the seed within bounds; and the parameter analogies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trellis_assets.embedded.settings import SAMPLERS, GenerationSettings


@dataclass(frozen=True)
class Form:
    """Free choices of one generation. Lengths are relative to the object's longest side."""

    thickness: float
    upright: float
    back_depth: float
    relief_gain: float
    relief_limit: float
    relief_balance: float
    sweeps: int
    saturation: float
    saturation_cap: float
    back_detail: float
    roughness: float


def draw(settings: GenerationSettings, seed: int) -> Form:
    """The form for ``seed``: the same for the same seed and settings, on every machine."""
    rng = np.random.Generator(np.random.PCG64(seed))
    signed = rng.uniform(-1.0, 1.0, size=6)
    get = settings.samplers
    default = SAMPLERS
    body = get["sparseStructure.guidanceStrength"] / default["sparseStructure"]["guidanceStrength"]
    surface = get["shapeSlat.guidanceStrength"] / default["shapeSlat"]["guidanceStrength"]
    peaks = get["shapeSlat.guidanceRescale"] - default["shapeSlat"]["guidanceRescale"]
    coarse = get["shapeSlat.rescaleT"] / default["shapeSlat"]["rescaleT"]
    colour = get["texSlat.guidanceStrength"] - default["texSlat"]["guidanceStrength"]
    return Form(
        thickness=0.175 * body**0.5 * (1.0 + 0.2 * float(signed[0])),
        upright=0.35 * 1.3 ** float(signed[1]),
        back_depth=0.86 + 0.10 * float(signed[2]),
        relief_gain=surface * (1.0 + 0.18 * float(signed[3])),
        relief_limit=0.035 * (1.0 + 0.6 * peaks),
        relief_balance=coarse**0.5,
        sweeps=max(4, 2 * int(get["sparseStructure.steps"])),
        saturation=1.0 + 0.03 * colour,
        saturation_cap=1.0 - 0.5 * get["texSlat.guidanceRescale"],
        back_detail=0.5 + 0.25 * float(signed[4]),
        roughness=0.82 + 0.05 * float(signed[5]),
    )
