"""Rungs that do not fit their ladder."""

from __future__ import annotations

from typing import Any

from trellis_assets.validation import Expectation, Sibling

from .case import registered
from .parts import box, model

_BOX_BOUNDS = ((-0.5, 0.0, -0.25), (0.5, 2.0, 0.25))


@registered("lod.triangles")
def rung_no_lighter_than_the_one_before() -> Any:
    return model(), {"expectation": Expectation(level=1, siblings=(Sibling(0, 12),))}


@registered("lod.error")
def rung_closer_than_the_one_before() -> Any:
    finer = Sibling(1, 24, 0.02)
    return model(), {"expectation": Expectation(level=2, error=0.01, siblings=(finer,))}


@registered("lod.bounds")
def rung_that_shrank() -> Any:
    expected = Expectation(level=1, siblings=(Sibling(0, 24, 0.0, _BOX_BOUNDS),))
    return model(box((1.0, 1.8, 0.5))), {"expectation": expected}
